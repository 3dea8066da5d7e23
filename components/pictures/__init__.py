"""Pictures on the page: their files, and what every head looks at from a patch.

``serving`` answers with a picture as the model sees it, ``every_head`` sends what all heads look at
from the selected patch. assets/pictures draws them: in the card beside the mouse, under the heatmap
with the attention laid over, as thumbnails of all heads. The stage "Heads" takes `PART`.
"""

from components.parts.part import Part
from components.pictures import every_head

PART = Part(every_head.register, stores=every_head.STORES)
