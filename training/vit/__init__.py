"""demo-vit: a small vision transformer that looks for twins.

A picture is a board of 8 × 8 cells with six to nine small objects; in three of four pictures two of
them are equal in shape and colour. The class says where: in one row, in one column, elsewhere, or
nowhere. A patch is a cell, so one knows for every patch what it shows and what belongs to it.
"""
