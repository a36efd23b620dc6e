"""The same weights for edge boxes and phones: int8 ONNX, OpenVINO, ONNX Runtime mobile and ncnn.

``write`` makes a folder of one form, loads it again with the runtime it is for, and compares with the original.
"""
