"""The networks for pictures of 3 × 32 × 32 in 10 classes that ship with Lockstep, in PyTorch, with the same layers."""

import torch
import torch.nn.functional as F
from torch import nn


def convolution(inputs, outputs, size, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3), nn.BatchNorm2d(width)
        self.down = None
        if stride > 1 or inputs != width:
            self.down = nn.Sequential(convolution(inputs, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.down is None else self.down(x)))


def resnet(channels):
    """ResNet-18 of He et al. (2015) with a stem for images of 32 × 32."""
    blocks, inputs = [], 64
    for stage, width in enumerate((64, 128, 256, 512)):
        for block in range(2):
            blocks.append(ResidualBlock(inputs, width, 2 if block == 0 and stage > 0 else 1))
            inputs = width
    return nn.Sequential(
        convolution(channels, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(512, 10),
    )  # fmt: skip


def cut_off(inputs, outputs, size, stride=1, groups=1):
    return [convolution(inputs, outputs, size, stride, groups), nn.BatchNorm2d(outputs), nn.ReLU6()]


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, expansion, stride):
        super().__init__()
        hidden = inputs * expansion
        wide = [] if expansion == 1 else cut_off(inputs, hidden, 1)
        self.layers = nn.Sequential(*wide, *cut_off(hidden, hidden, 3, stride, hidden), *cut_off(hidden, outputs, 1)[:2])
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.is_residual else self.layers(x)


def mobilenetv2(channels):
    """MobileNetV2 of Sandler et al. (2018), of which neither stem nor second stage shrinks."""
    cells, inputs = cut_off(channels, 32, 3), 32
    for expansion, outputs, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ):  # fmt: skip
        for block in range(count):
            cells.append(InvertedResidual(inputs, outputs, expansion, stride if block == 0 else 1))
            inputs = outputs
    return nn.Sequential(
        *cells, *cut_off(inputs, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, 10)
    )


class AttentionBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class VisionTransformer(nn.Module):
    """Six blocks of width 192 over patches of 4 × 4, whose tokens are averaged."""

    def __init__(self, channels):
        super().__init__()
        self.patches = nn.Conv2d(channels, 192, 4, 4)
        self.positions = nn.Parameter(0.02 * torch.randn(64, 192))
        self.blocks = nn.Sequential(*(AttentionBlock(192, 3) for _ in range(6)))
        self.norm, self.head = nn.LayerNorm(192), nn.Linear(192, 10)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        return self.head(self.norm(self.blocks(tokens + self.positions)).mean(1))


def stage(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU(), nn.Conv2d(outputs, outputs, 3, 1, 1), nn.ReLU()
    )


class UNet(nn.Module):
    """Four levels, the first of 16 channels; the way up enlarges by repeating."""

    def __init__(self, channels, classes):
        super().__init__()
        widths = [16, 32, 64, 128]
        self.down = nn.ModuleList(stage(*pair) for pair in zip([channels] + widths, widths))
        self.up = nn.ModuleList(stage(3 * width, width) for width in widths[:-1])
        self.last = nn.Conv2d(16, classes, 1)

    def forward(self, x):
        seen = []
        for number, cell in enumerate(self.down):
            x = cell(x if number == 0 else F.max_pool2d(x, 2))
            seen.append(x)
        for cell, level in zip(reversed(self.up), reversed(seen[:-1])):
            x = cell(torch.cat([level, F.interpolate(x, scale_factor=2.0, mode="nearest")], 1))
        return self.last(x)


def mlp(channels):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(channels * 1024, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def make(name, channels=3, classes=10):
    """The network of this name."""
    if name == "unet":
        return UNet(channels, classes)
    return {"resnet": resnet, "mobilenetv2": mobilenetv2, "vit": VisionTransformer, "mlp": mlp}[name](channels)
