"""What enters is checked: every value that a callback of the server takes has a declared form.

`table.FORMS` names the form of each; `entrance.guard` holds every request against them. The stores'
forms are in `opened`, `maps` and `lab`, the controls' in `controls` and `buttons`; `fields` has the
small forms they are made of, and `requests` knows what a request of Dash's page looks like.
"""

from components.forms.entrance import guard

__all__ = ["guard"]
