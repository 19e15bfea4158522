"""How the methods do on a domain that none of them has seen: protocols, methods, rows, tables.

    python -m model benchmark --data DATA --out docs/benchmarks/ood.jsonl --cache runs/cache
    python -m model benchmark --out docs/benchmarks/ood.jsonl --table

A row is one method trained with one seed and scored on one or more unseen domains. Rows are
appended as they are ready; a row that is there is not run again.
"""
