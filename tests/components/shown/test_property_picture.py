"""Which map the panel asks for when it is one by a property."""

import pytest

from components.forms.maps import Options
from components.shown import pictures
from components.shown.records import HeadView, MapOptions
from compute.errors import HeadscopeError
from compute.maps import projection


def asked(method: str, said: str | None) -> pictures.Picture:
    head = HeadView({"key": "run", "model": {"rotary": False}}, 0, 0)
    return pictures.picture(head, MapOptions(method, "2", None, "none", "after", said))


def test_the_property_is_asked_for_where_it_counts() -> None:
    found = asked("property", "same@-1")
    assert dict(found.options) == {"property": "same@-1"}
    assert found.name == projection.key("run", 0, 0, "property", 2, {"property": "same@-1"})
    assert found.said() == "By a property, 2-D, same@-1"
    assert not asked("pca", "same@-1").options
    for empty in (None, ""):
        assert not asked("property", empty).options
        assert asked("property", empty).said() == "By a property, 2-D, same@0"


def test_what_is_no_property_is_said_at_once() -> None:
    for wrong in ("colour", "file:/etc/passwd", "mod:0", "x" * 2000):
        with pytest.raises(HeadscopeError):
            asked("property", wrong)


def test_its_form_goes_with_its_method() -> None:
    Options(property="mod:3").fit("property")
    with pytest.raises(ValueError, match="another method"):
        Options(property="mod:3").fit("pca")
