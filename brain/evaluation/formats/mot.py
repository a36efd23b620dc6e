"""MOT text of tracks, as MOTChallenge 2D 2015 has it and TrackEval reads it. Pure.

A line is ``frame,id,left,top,width,height,conf,x,y,z``: frames and ids from 1, pixels from the left and top edge of the
picture, ``x,y,z`` are -1 (no place in the world). ``<clip>/gt/gt.txt`` and ``<clip>/seqinfo.ini`` are one clip.
"""

from __future__ import annotations

from brain.evaluation.truth import TruthClip


def mot_text(clip: TruthClip) -> str:
    """All tracks of a clip, in order of frame and id; the clip must have ``width`` and ``height``."""
    if clip.width is None or clip.height is None:
        raise ValueError(f"clip {clip.file}: width or height is missing")
    order = {track.id: number for number, track in enumerate(sorted(clip.tracks, key=lambda track: track.id), 1)}
    rows = []
    for track in clip.tracks:
        for frame, (x1, y1, x2, y2) in track.boxes:
            left, top = x1 * clip.width, y1 * clip.height
            size = (x2 - x1) * clip.width, (y2 - y1) * clip.height
            rows.append((frame + 1, order[track.id], left, top, *size))
    lines = [
        f"{frame},{number}," + ",".join(f"{value:.3f}" for value in pixels) + ",1,-1,-1,-1\n"
        for frame, number, *pixels in sorted(rows)
    ]
    return "".join(lines)


def sequence_info(name: str, clip: TruthClip, frames: int) -> str:
    """``seqinfo.ini`` of a clip of ``frames`` frames."""
    return (
        f"[Sequence]\nname={name}\nimDir=img1\nframeRate={clip.fps or 0:g}\nseqLength={frames}\n"
        f"imWidth={clip.width}\nimHeight={clip.height}\nimExt=.jpg\n"
    )
