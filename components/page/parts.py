"""The parts of the page that are always there, besides the stages."""

from components.grid import PART as GRID
from components.links.asking import PART as LINKS
from components.notes import PART as NOTES
from components.page.client import PART as CLIENT
from components.page.opening import PART as OPENING
from components.page.picture_dialog import PART as PICTURES
from components.page.take_away import PART as TAKE_AWAY
from components.parts.part import Part

PARTS: tuple[Part, ...] = (OPENING, PICTURES, LINKS, NOTES, GRID, CLIENT, TAKE_AWAY)
