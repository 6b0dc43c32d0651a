"""People's names as bibliographies sort them."""

from __future__ import annotations

from rag.importers.parsed import family_name, person


def parts(name: str) -> tuple[str, str, str]:
    """Family name, given names and suffix of "Given Family Jr."; all in the first when it cannot be split.

    Only a split that reads back as the same name is made.

    >>> parts("Martin Luther King Jr."), parts("OpenAI")
    (('King', 'Martin Luther', 'Jr.'), ('OpenAI', '', ''))
    """
    family = family_name(name)
    given, _, suffix = (part.strip() for part in name.rpartition(family))
    if not given or "," in name or person(_joined(family, given, suffix)) != name:
        return name, "", ""
    return family, given, suffix


def inverted(name: str) -> str:
    """A name as "Family, Given, Jr."; unchanged when it is one word.

    >>> inverted("Ana Gómez"), inverted("Martin Luther King Jr.")
    ('Gómez, Ana', 'King, Martin Luther, Jr.')
    """
    return _joined(*parts(name))


def _joined(family: str, given: str, suffix: str) -> str:
    return ", ".join(filter(None, (family, given, suffix)))
