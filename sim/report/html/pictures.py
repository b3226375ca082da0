"""Pictures as parts of a page: SVG files made harmless, small, and free of each other's names.

A picture may come from a folder that somebody sent, so nothing of it reaches the page but the elements and attributes
that matplotlib draws with. What its parts refer to (glyphs, clip paths, hatches) is kept once for the whole page under
a name made of a number: pictures that use the same glyph share it, and no two things have one name.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from markupsafe import Markup, escape

DRAWN = {
    "svg": {"viewBox"},
    "g": {"clip-path", "transform"},
    "path": {"d", "clip-path", "transform"},
    "use": {"href", "x", "y", "transform"},
    "rect": {"x", "y", "width", "height", "fill"},
    "clipPath": set(),
    "pattern": {"patternUnits", "x", "y", "width", "height"},
    "defs": set(),
}
"""The elements that are kept, with their attributes beside those of `PAINT`; others are dropped with all they hold."""

PAINT = {
    "fill",
    "fill-opacity",
    "opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
}
"""Properties of `style` that are kept, as attributes."""

VALUE = re.compile(r"[\w#.,()%+ -]*", re.ASCII)
REFERENCE = re.compile(r"(?:url\()?#([\w.-]+)\)?", re.ASCII)
TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
PATH = re.compile(r"(?:[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[\s,])*")
LONG = 200
"""Longer paths are rounded to a tenth of a point; shorter ones, such as markers and glyphs, to a hundredth."""


class BadPicture(ValueError):  # noqa: N818 - an adjective says it
    """A file is no SVG that can stand in a page."""


class Pictures:
    """The pictures of one page. `definitions` is what they share: asked for after the last picture, it stands in the
    page once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    @property
    def definitions(self) -> Markup:
        """Everything to which the pictures made so far refer, each with its id."""
        written = "".join(text.replace(" ", f' id="{name}" ', 1) for text, name in self._names.items())
        return Markup(written)  # noqa: S704 - put together by _Writer, which escapes

    def inline(self, svg: str, title: str, words: str, place: int) -> Markup:
        """An SVG file as an element of the page, as wide as there is room, that is read out as `title` and `words`.

        place  a number of its own among the pictures of the page

        Raises BadPicture for what is no SVG, declares entities, or refers to itself.
        """
        if "<!ENTITY" in svg:
            raise BadPicture("an SVG that declares entities")
        try:
            root = ET.fromstring(svg)  # noqa: S314 - no entities, and only what is known to be harmless is kept
        except ET.ParseError as error:
            raise BadPicture(f"no SVG: {error}") from None
        if _name(root) != "svg":
            raise BadPicture(f"no SVG, but {_name(root)!r}")
        box = root.get("viewBox", "")
        if not re.fullmatch(r"[\d. -]+", box):
            raise BadPicture("an SVG without a viewBox")
        by_id = {element.get("id", ""): element for element in root.iter() if element.get("id")}
        inner = "".join(_Writer(self._names, by_id).inside(root))
        head = Markup(
            '<svg class="picture" viewBox="{box}" role="img" aria-labelledby="pt{place} pd{place}" '
            'stroke-linejoin="round" stroke-linecap="butt">'
            '<title id="pt{place}">{title}</title><desc id="pd{place}">{words}</desc>'
        ).format(box=box, place=place, title=title, words=words)
        return head + Markup(inner) + Markup("</svg>")  # noqa: S704 - put together by _Writer, which escapes


class _Writer:
    """Writes the kept parts of one SVG, with references to the page's definitions."""

    def __init__(self, names: dict[str, str], by_id: dict[str, ET.Element]) -> None:
        self._names, self._by_id = names, by_id
        self._known: dict[str, str] = {}
        self._open: list[str] = []

    def inside(self, element: ET.Element) -> Iterator[str]:
        for child in element:
            if _name(child) not in ("defs", "clipPath", "pattern"):
                yield self.written(child)

    def written(self, element: ET.Element) -> str:
        """The element as text; nothing where it is not among those kept, or a group of nothing."""
        name = _name(element)
        if name not in DRAWN or name == "svg":
            return ""
        inner = "".join(self.inside(element))
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in self._attributes(element, name))
        if name == "g" and (not inner or not attributes):
            return inner
        return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"

    def _attributes(self, element: ET.Element, name: str) -> Iterator[tuple[str, str]]:
        for key, value in element.attrib.items():
            short = key.rpartition("}")[2]
            if short == "d" and name == "path":
                yield "d", path(value)
            elif short in DRAWN[name] and (kept := self._value(short, value)):
                yield short, kept
        for entry in element.get("style", "").split(";"):
            key, _, value = (part.strip() for part in entry.partition(":"))
            if key in PAINT and (kept := self._value(key, value)):
                yield key, kept

    def _value(self, key: str, value: str) -> str:
        """A harmless value, its numbers rounded; a reference leads to the page's definition."""
        if "#" in value and (key == "href" or "url" in value):
            match = REFERENCE.fullmatch(value)
            target = self._by_id.get(match[1]) if match else None
            if target is None:
                return ""
            name = self._defined(match[1], target) if match else ""
            return f"#{name}" if key == "href" else f"url(#{name})"
        if key == "href" or "url" in value or not VALUE.fullmatch(value):
            return ""
        digits = 6 if key == "transform" else 2
        return re.sub(r"-?\d+\.\d+", lambda found: number(float(found[0]), digits), value)

    def _defined(self, own: str, target: ET.Element) -> str:
        """The page's name of what an id stands for."""
        if own in self._known:
            return self._known[own]
        if own in self._open:
            raise BadPicture(f"an SVG whose {own!r} refers to itself")
        self._open.append(own)
        text = self.written(target) or "<g />"
        self._open.pop()
        # A name goes in at the first blank, so there is one.
        text = text if " " in text.partition(">")[0] else text.replace(">", " >", 1)
        self._known[own] = self._names.setdefault(text, f"d{len(self._names)}")
        return self._known[own]


def path(text: str) -> str:
    """The data of a path, rounded, with level and plumb lines in short; empty where it is no path data."""
    if not PATH.fullmatch(text):
        return ""
    tokens = TOKEN.findall(text)
    digits = 1 if len(tokens) > LONG else 2
    made: list[str] = []
    at = ("", "")
    command, pending = "", list[str]()
    for token in tokens:
        if token.isalpha():
            command, pending = token, []
            if command in "zZ":
                made.append("z")
                at = ("", "")
            elif command not in "MLQC":
                return re.sub(r"\s+", " ", text).strip()  # none of ours: as it is
            continue
        pending.append(number(float(token), digits))
        if len(pending) == {"M": 2, "L": 2, "Q": 4, "C": 6}.get(command, 0):
            made.append(_segment(command, pending, at))
            at, pending = (pending[-2], pending[-1]), []
    return "".join(made)


def _segment(command: str, numbers: list[str], at: tuple[str, str]) -> str:
    if command == "L":
        x, y = numbers
        if (x, y) == at:
            return ""
        if y == at[1]:
            return f"H{x}"
        if x == at[0]:
            return f"V{y}"
    return f"{command}{' '.join(numbers)}"


def number(value: float, digits: int) -> str:
    """``1.5``, ``-.25``, ``0``: as few signs as it takes."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _name(element: ET.Element) -> str:
    # Comments and instructions have no name of their own.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
