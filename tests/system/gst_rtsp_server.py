"""A real RTSP server, run by Debian's Python, which has GStreamer: FILE PORT CODEC [USER PASSWORD].

CODEC is ``h264`` or ``hevc``. Each client gets the file from its beginning, remuxed, at real-time pace, on ``/cam0`` …
``/cam31``, and the end of the file ends its stream. A bare stream (``.h264``, ten pictures a second) is sent with the
same time stamp on every picture. With USER a Digest log-in is asked for; PASSWORD ``-`` is read from standard input, so
that it stands in no process list. Prints ``ready`` when it listens.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

MOUNTS = 32
CONTAINER = "qtdemux name=d d.video_0 ! queue"
BARE = "video/x-h264,stream-format=byte-stream,framerate=10/1"
LAUNCH = 'filesrc location="{file}" ! {unpack} ! {parse} config-interval=-1 ! {pay} name=pay0 pt=96 config-interval=-1'
ROLE = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"


class Factory(GstRtspServer.RTSPMediaFactory):
    """Plays one file to each client."""

    def __init__(self, file, codec):
        super().__init__()
        self.file, self.codec = file, codec
        self.set_shared(False)
        self.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)

    def do_create_element(self, _url):
        parse, pay = ("h265parse", "rtph265pay") if self.codec == "hevc" else ("h264parse", "rtph264pay")
        unpack = BARE if self.file.endswith(".h264") else CONTAINER
        return Gst.parse_launch(LAUNCH.format(file=self.file, unpack=unpack, parse=parse, pay=pay))


def ask_for_log_in(server, user, password):
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)


def main():
    file, port, codec, user, password = (*sys.argv[1:], *[""] * 5)[:5]
    if password == "-":
        password = sys.stdin.readline().rstrip("\n")
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    mounts = server.get_mount_points()
    for number in range(MOUNTS):
        factory = Factory(file, codec)
        if user:
            factory.add_role_from_structure(Gst.Structure.from_string(ROLE)[0])
        mounts.add_factory(f"/cam{number}", factory)
    if user:
        ask_for_log_in(server, user, password)
    if server.attach(None) == 0:
        sys.exit(f"port {port} is taken")
    print("ready", flush=True)
    GLib.MainLoop().run()


main()
