"""How the methods do on a domain that none of them has seen: protocols, methods, rows, tables.

    python -m model benchmark --data DATA --out docs/benchmarks/ood.jsonl --cache runs/cache
    python -m model benchmark --out docs/benchmarks/ood.jsonl --table

Begin with `run`: a row is one method trained with one seed (`training`, `crops`) and scored on one
or more unseen domains (`predictions`, `scores`). Rows are appended as they are ready; a row that is
there is not run again. `tables` and `plots` show them.

One more method: an entry in `methods.METHODS`. One more protocol: an entry in
`protocols.PROTOCOLS`. One more column: see `tables`.
"""
