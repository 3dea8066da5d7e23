"""The stages that the workspace can show, in the order of their selector; the first one is open."""

from components.all_heads import STAGE as ALL_HEADS
from components.corpus import STAGE as CORPUS
from components.heads import STAGE as HEADS
from components.lab import STAGE as LAB
from components.parts.part import Stage
from components.patterns import STAGE as PATTERNS
from components.scale import STAGE as SCALE
from components.why import STAGE as WHY

STAGES: tuple[Stage, ...] = (HEADS, WHY, ALL_HEADS, PATTERNS, CORPUS, LAB, SCALE)
