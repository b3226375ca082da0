"""What a report's page must be, checked in its text: harmless, whole in itself, and usable without seeing it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "wbr", "br", "hr", "img", "input", "link", "source", "base", "col", "embed", "area", "track", "param"}
FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "svg", "animate", "set"}
PICTURE = re.compile(r"data:image/(?:svg\+xml|png);base64,[A-Za-z0-9+/=]*")
REFERRING = {"href", "xlink:href", "src", "srcset", "action", "data", "poster", "background"}


class Page(HTMLParser):
    """Reads a page and gathers in `faults` all that is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self._ids: list[str] = []
        self._wanted: list[str] = []
        self._heads: list[int] = []
        self._seen: dict[str, list[dict[str, str]]] = {}
        self._silent = False
        self.feed(text)
        self.close()
        self._whole(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self._seen.setdefault(tag, []).append(found)
        self._silent = self._silent or tag == "th"
        if tag in FORBIDDEN:
            self.faults.append(f"a forbidden element: {tag}")
        for key, value in found.items():
            if key.startswith("on"):
                self.faults.append(f"a handler: {key}")
            if key in REFERRING and not value.startswith("#") and not (tag == "img" and PICTURE.fullmatch(value)):
                self.faults.append(f"a reference to elsewhere: {value[:80]}")
            if "url(" in value:
                self.faults.append(f"a reference to elsewhere: {value[:80]}")
        if "id" in found:
            self._ids.append(found["id"])
        self._wanted += found.get("aria-labelledby", "").split()
        self._wanted += [found[key][1:] for key in REFERRING if found.get(key, "").startswith("#")]
        if re.fullmatch("h[1-6]", tag):
            self._heads.append(int(tag[1]))
        if tag == "th" and found.get("scope") not in ("col", "row"):
            self.faults.append("a table's head without scope")
        if tag == "img" and not found.get("alt"):
            self.faults.append("a picture without a description")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"an end of {tag} where none is due")
        if tag == "th" and self._silent:
            self.faults.append("an empty head")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style",):
            self.words.append(data)
        self._silent = self._silent and not data.strip()

    def count(self, tag: str) -> int:
        """How many elements of a kind there are."""
        return len(self._seen.get(tag, []))

    @property
    def text(self) -> str:
        """All that a person reads, with blanks for white space."""
        return " ".join(" ".join(self.words).split())

    def _whole(self, text: str) -> None:
        if self._open:
            self.faults.append(f"left open: {self._open}")
        if not text.startswith("<!DOCTYPE html>"):
            self.faults.append("no doctype at the beginning")
        if self._seen.get("html", [{}])[0].get("lang") != "en":
            self.faults.append("no language")
        # A page of one or two sheets has no table of contents.
        contents = () if self._seen.get("html", [{}])[0].get("class") == "short" else ("nav",)
        for tag in ("h1", "main", "header", "footer", "title", *contents):
            if self.count(tag) != 1:
                self.faults.append(f"{self.count(tag)} times {tag}")
        if any(after > before + 1 for before, after in zip([0, *self._heads], self._heads, strict=False)):
            self.faults.append(f"headings that leave out a level: {self._heads}")
        twice = {one for one in self._ids if self._ids.count(one) > 1}
        if twice:
            self.faults.append(f"ids that stand for two things: {sorted(twice)[:5]}")
        lost = set(self._wanted) - set(self._ids)
        if lost:
            self.faults.append(f"references to nothing: {sorted(lost)[:5]}")
        if self.count("caption") != self.count("table"):
            self.faults.append("a table without a caption")
        policies = [one for one in self._seen.get("meta", []) if one.get("http-equiv") == "Content-Security-Policy"]
        if not policies or "default-src 'none'" not in policies[0]["content"]:
            self.faults.append("no policy that forbids to load")
        styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
        if len(styles) != 1 or re.search(r"url\(|@import|expression", styles[0]):
            self.faults.append("styles that load something")


def contrast(one: str, other: str) -> float:
    """The contrast of two colours ``#rrggbb``, from 1 to 21.

    Source: Web Content Accessibility Guidelines 2.2, "contrast ratio" and "relative luminance".
    """

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
