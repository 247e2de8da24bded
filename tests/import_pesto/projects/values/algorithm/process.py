"""Numbers, texts, truths, objects and lists; what is annotated says little of what comes."""

from typing import Optional

from pesto.common.pesto import Pesto


class Process:
    def process(
        self,
        title: str,
        count: int,
        type: Optional[str] = None,
        wanted: bool = False,
        table: Optional[dict] = None,
        names=None,
        pair=None,
        about: dict = None,
        scale: float = None,
    ) -> dict:
        rows = (table or {}).get("rows", [])
        answer = {"type": type, "wanted": wanted, "names": names or [], "pair": pair or [], "about": about or {}}
        answer |= {"on_gpu": Pesto.is_profile_active("gpu")}
        return {
            "title": title * int(count),
            "sums": [sum(row) * (scale or 1) for row in rows],
            "answer": answer,
            "tree": {"inner": {"inner": {}}},
        }
