"""Exits 0 when Debian's Python can load GStreamer's RTSP server, which the RTSP tests start."""

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer  # noqa: E402, F401

Gst.init(None)
for element in ("qtdemux", "h264parse", "rtph264pay"):
    if Gst.ElementFactory.find(element) is None:
        raise SystemExit(f"GStreamer element {element} is missing")
