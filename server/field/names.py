"""Names of outlets as the server compares them: the rules that phones have too, and the sound by pypinyin."""

from __future__ import annotations

from server.pinyin import pinyin_of
from sync.business.names import core_name, plain_name, tidy

__all__ = ["core_name", "pinyin_of", "plain_name", "tidy"]
