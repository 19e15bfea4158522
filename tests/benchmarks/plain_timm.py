"""The rival: what one would write with timm and torchvision to classify a folder of crops.

``python plain_timm.py FOLDER OUT.csv``. The same network and input size as ours; its weights do
not matter for speed, so they are random and nothing is downloaded.
"""

import csv
import os
import sys

import timm
import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


def main() -> None:
    """Classify every image below a folder and write a CSV."""
    folder, out = sys.argv[1:]
    transform = transforms.Compose(
        [
            transforms.Resize((128, 128)),
            transforms.ToTensor(),
            transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        ]
    )
    dataset = ImageFolder(folder, transform)
    workers = max(1, (os.cpu_count() or 2) // 2)  # the other cores run the network
    loader = DataLoader(dataset, batch_size=64, num_workers=workers)
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=16).eval()
    rows: list[tuple[int, float]] = []
    with torch.inference_mode():
        for images, _ in loader:
            probs, labels = model(images).softmax(dim=1).max(dim=1)
            rows += zip(labels.tolist(), probs.tolist(), strict=True)
    with open(out, "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - plain on purpose
        writer = csv.writer(file)
        writer.writerow(["path", "label", "prob"])
        for (path, _), (label, prob) in zip(dataset.samples, rows, strict=True):
            writer.writerow([path, label, f"{prob:.4f}"])


if __name__ == "__main__":
    main()
