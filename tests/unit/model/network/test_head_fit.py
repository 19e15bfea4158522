"""Windows are embedded in order; a decoupled head is fitted to classes that count alike."""

import numpy as np
import pytest
import torch

from model.data.sampling_weights import pair_weights, sampling_weights_of
from model.inference.test_time_augmentation import augmented_view
from model.network.head_fit import embed_windows, fit_decoupled_head, fit_head_on_windows
from model.network.network import averaged_copy
from model.training.compute import ComputeConfig
from model.training.loop import initial_state, train_steps
from tests.unit.model.tiny_runs import noise_crops, small_config


def test_the_windows_of_training_crops_are_embedded_in_order() -> None:
    training = noise_crops(each=1)
    backbone = initial_state(training, small_config(steps=0)).learner.network.backbone
    whole = embed_windows(backbone, training.crops, size=64)
    assert whole.shape == (len(training.records), backbone.dimension)
    np.testing.assert_allclose(
        embed_windows(backbone, training.crops[2:3], size=64)[0], whole[2], atol=1e-4
    )


def test_averaged_views_of_a_window_do_not_depend_on_how_it_lies() -> None:
    training = noise_crops(each=1)
    backbone = initial_state(training, small_config(steps=0)).learner.network.backbone
    turned = augmented_view(training.crops, 5)
    four, eight = (embed_windows(backbone, turned, size=64, views=n) for n in (4, 8))
    plain = embed_windows(backbone, training.crops, size=64, views=8)
    np.testing.assert_allclose(eight, plain, atol=1e-3)
    assert np.abs(four - plain).max() > 1e-2


@pytest.mark.parametrize("changes", [{}, {"head_crops": 12}, {"views": 4}])
def test_a_decoupled_head_is_the_fit_to_the_averaged_backbone(changes: dict[str, int]) -> None:
    training = noise_crops(sizes={("bccd", "monocyte"): 9})
    config = small_config(head="decoupled", ema_decay=0.5, **changes)
    state = initial_state(training, config)
    list(train_steps(state, config, training=training, fabric=ComputeConfig().launch()))
    weight, bias = fit_head_on_windows(
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
    network = initial_state(training, config).learner.network
    joint, decoupled = averaged_copy(network), averaged_copy(network)
    joint.set_head(
        *fit_head_on_windows(
            joint.backbone, config, training, sampling_weights_of(training, config)
        )
    )
    fit_decoupled_head(decoupled, config, training)
    rare = [r.domain == "bccd" and r.label == "monocyte" for r in training.records]
    embedding = torch.from_numpy(
        embed_windows(network.backbone, training.crops[np.array(rare)], size=64)
    )
    leaf = torch.from_numpy(training.target[np.array(rare)])
    with torch.no_grad():
        low, high = (part.head(embedding).softmax(1)[leaf].mean() for part in (joint, decoupled))
    assert high > low + 0.05
