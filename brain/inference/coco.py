"""The classes of the COCO data set; most public detectors answer with these."""

from __future__ import annotations

_NAMES = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,"
    "stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,"
    "backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,"
    "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,"
    "knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,"
    "chair,couch,potted plant,bed,dining table,toilet,tv,laptop,mouse,remote,keyboard,"
    "cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,teddy bear,"
    "hair drier,toothbrush"
)
COCO = tuple(_NAMES.split(","))
"""The 80 classes in their usual order."""

_UNUSED = (0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83)


def _by_category() -> tuple[str, ...]:
    names = iter(COCO)
    return tuple(f"unused {number}" if number in _UNUSED else next(names) for number in range(91))


COCO_91 = _by_category()
"""The same at the numbers of COCO's category list, where eleven numbers of 0–90 are free (RF-DETR answers so)."""

CLASS_LISTS = {"coco": COCO, "coco91": COCO_91}
