"""From a sample to detections: cards, runtimes, heads, and algorithms that share one inference.

library   where weights lie, and which ones a text names
cards     what a card declares about one ONNX file
model     load (checked against the card's reference picture) and detect
detector  all algorithms of a camera on one sample, one inference per model
"""
