"""The page around the stages: header, opening, address, dialogs, saving; and all wiring."""
