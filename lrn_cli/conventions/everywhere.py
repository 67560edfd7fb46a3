"""What people get wrong whatever the framework."""

from __future__ import annotations

from lrn_cli.conventions.declaration import Trap

EVERYWHERE = (
    Trap(
        "An even window cannot be centred. PyTorch, Paddle and cuda-convnet take the extra channel before, ONNX,"
        " cuDNN and MATLAB after, the AlexNet paper on both sides; Caffe and neupy refuse it.",
        "pytorch/pytorch#75722; apache/mxnet#11281",
    ),
    Trap(
        "With bias 0, scale 1 and beta 1/2 over all channels it is L2 normalization: every pixel gets length 1."
        " With any other numbers it is not.",
        "tensorflow: lite/kernels/local_response_norm_test.cc, SameAsL2Norm",
    ),
    Trap(
        "It is not batch normalization: nothing is subtracted, nothing is learnt, no mean or variance is kept, and"
        " no example depends on the others of its batch; training and inference compute the same.",
        "Ioffe and Szegedy 2015, Batch Normalization, section 3; Krizhevsky et al. 2012, section 3.3",
    ),
)
