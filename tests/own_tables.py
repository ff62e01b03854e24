"""Tables such as a user has: three classes in Vietnamese, and a recipe that learns them."""

import csv
from pathlib import Path

import numpy as np

from small_reviews import LAYERS

VIETNAMESE = (
    """
name = "ba-lop"
data = {max_length = 16}
text = {normalization = "vietnamese", tokenizer = "unicode"}
training = {epochs = 6, learning_rate = 0.02, batch_size = 32}
"""
    + LAYERS
)
TELLING = {
    "tích cực": ("tuyệt vời", "thoả mãn", "hoà nhã"),
    "tiêu cực": ("dở tệ", "thất vọng", "hoá đá"),
    "trung tính": ("tạm được", "bình thường", "uý kỵ"),
}
FILLER = (
    "phim", "này", "diễn", "viên", "hình", "ảnh", "câu", "chuyện", "kịch", "bản", "nhạc", "dài",
    "ngắn", "rạp", "xem", "với", "bạn",
)  # fmt: skip


def rows(each: int, seed: int = 0) -> list[tuple[str, str]]:
    """`each` texts a class of eight common words with a telling phrase among them."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(each):
        for label, phrases in TELLING.items():
            words = list(rng.choice(FILLER, 8))
            words.insert(int(rng.integers(9)), phrases[number % len(phrases)])
            found.append((" ".join(words), label))
    return found


def write_csv(path: Path, content: list[tuple[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Bình luận", "Nhãn"))
        writer.writerows(content)
    return path
