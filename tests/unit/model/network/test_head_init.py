"""Windows are embedded in order; a decoupled head is fitted to classes that count alike."""

import numpy as np
import pytest
import torch

from model.data.sampling_weights import draw_weights, pair_weights
from model.inference.test_time_augmentation import view
from model.network.head_init import decouple_head, embed_windows, fit_window_head
from model.network.network import averaged_copy
from model.training.compute import Where
from model.training.loop import run_steps, start
from tests.unit.model.tiny_runs import noise_crops, small_config


def test_the_windows_of_training_crops_are_embedded_in_order() -> None:
    training = noise_crops(each=1)
    backbone = start(training, small_config(steps=0)).learner.network.backbone
    whole = embed_windows(backbone, training.crops, size=64)
    assert whole.shape == (len(training.records), backbone.dimension)
    np.testing.assert_allclose(
        embed_windows(backbone, training.crops[2:3], size=64)[0], whole[2], atol=1e-4
    )


def test_averaged_views_of_a_window_do_not_depend_on_how_it_lies() -> None:
    training = noise_crops(each=1)
    backbone = start(training, small_config(steps=0)).learner.network.backbone
    turned = view(training.crops, 5)
    four, eight = (embed_windows(backbone, turned, size=64, views=n) for n in (4, 8))
    plain = embed_windows(backbone, training.crops, size=64, views=8)
    np.testing.assert_allclose(eight, plain, atol=1e-3)
    assert np.abs(four - plain).max() > 1e-2


@pytest.mark.parametrize("changes", [{}, {"head_crops": 12}, {"views": 4}])
def test_a_decoupled_head_is_the_fit_to_the_averaged_backbone(changes: dict[str, int]) -> None:
    training = noise_crops(sizes={("bccd", "monocyte"): 9})
    config = small_config(head="decoupled", ema_decay=0.5, **changes)
    state = start(training, config)
    list(run_steps(state, config, training=training, fabric=Where().launch()))
    weight, bias = fit_window_head(
        state.average.backbone,
        config,
        training,
        pair_weights(training, config),
        views=config.views,
    )
    np.testing.assert_array_equal(state.average.head.weight.numpy(), weight)
    np.testing.assert_array_equal(state.average.head.bias.numpy(), bias)
    assert not torch.equal(state.learner.network.head.weight, state.average.head.weight)


def test_the_rare_class_counts_more_in_a_decoupled_head() -> None:
    training = noise_crops(sizes={("bccd", "monocyte"): 1, ("bccd", "neutrophil"): 12})
    config = small_config(steps=0, class_power=1.0, head_penalty=10.0)
    network = start(training, config).learner.network
    joint, decoupled = averaged_copy(network), averaged_copy(network)
    joint.set_head(
        *fit_window_head(joint.backbone, config, training, draw_weights(training, config))
    )
    decouple_head(decoupled, config, training)
    rare = [r.domain == "bccd" and r.label == "monocyte" for r in training.records]
    embedding = torch.from_numpy(
        embed_windows(network.backbone, training.crops[np.array(rare)], size=64)
    )
    leaf = torch.from_numpy(training.target[np.array(rare)])
    with torch.no_grad():
        low, high = (part.head(embedding).softmax(1)[leaf].mean() for part in (joint, decoupled))
    assert high > low + 0.05
