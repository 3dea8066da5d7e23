"""The one table: which form every value has that a callback of the server takes."""

from components.forms.buttons import BUTTONS
from components.forms.controls import CONTROLS
from components.forms.form import Form
from components.forms.stores import STORES

FORMS: dict[tuple[str, str], Form] = {**BUTTONS, **CONTROLS, **STORES}
"""By (component id, property)."""
