"""The small software rasteriser: pads of coverage and colour, light at a place, meshes and rounded hulls."""
