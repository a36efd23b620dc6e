"""Figures of detectors on labelled pictures: COCO mAP and mask IoU, per class."""
