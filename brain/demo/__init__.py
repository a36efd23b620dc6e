"""The main job on drawn video: real clips on disk, `brain run` and `brain desk` as processes of their own."""
