"""Stock sinks of an area and a year, from rasters to statistics and papers; a folder is its whole world."""
