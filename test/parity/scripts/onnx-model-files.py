"""Bytes of a safetensors and of an ONNX file as their own Python packages write them.

    pip install numpy==2.4.6 onnx==1.23.2 safetensors==0.8.0
    python onnx-model-files.py > ../fixtures/onnx-model-files.json

The graph makes no sense; it has every kind of field that the exporter writes.
"""

import base64
import json

import numpy as np
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

TENSORS = {
    "network1.head.bias": np.array([1.5, -2.25, 3e-20], dtype=np.float32),
    "network0.lstm.weight_ih_l0": np.arange(8, dtype=np.float32).reshape(4, 2) / 7,
    "network10.head.weight": np.full((1, 1), -0.0, dtype=np.float32),
    "empty": np.zeros((0, 3), dtype=np.float32),
}


def port(name, shape, text):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape, doc_string=text)


def node(operator, inputs, outputs, **attributes):
    name = next(output for output in outputs if output)
    return helper.make_node(operator, inputs, outputs, name=name, **attributes)


def model():
    graph = helper.make_graph(
        [
            node("Reshape", ["x", "sizes"], ["rows"]),
            node("Transpose", ["rows"], ["turned"], perm=[1, 0, 2]),
            node("LSTM", ["turned", "w", "r"], ["", "last"], direction="forward", hidden_size=300),
            node("LeakyRelu", ["last"], ["leaky"], alpha=0.1),
            node("Softmax", ["leaky"], ["y"], axis=-1),
        ],
        "graph",
        [port("x", ["N", 6], "Schluss ε")],
        [port("y", ["N", 1], "Out")],
        initializer=[
            numpy_helper.from_array(np.array([-1, 2, 3], dtype=np.int64), "sizes"),
            numpy_helper.from_array(np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 4, 3), "w"),
            numpy_helper.from_array(np.array(0.1, dtype=np.float32), "r"),
        ],
    )
    made = helper.make_model(
        graph,
        producer_name="tickerflow",
        doc_string="A model",
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    helper.set_model_props(made, {"one": "[1]", "two": ""})
    return made


def text(content):
    return base64.b64encode(content).decode()


print(
    json.dumps(
        {
            "tensors": {
                name: {"shape": list(tensor.shape), "values": tensor.ravel().tolist()}
                for name, tensor in TENSORS.items()
            },
            "safetensors": text(safetensors.numpy.save(TENSORS)),
            "onnx": text(model().SerializeToString()),
        },
        indent=1,
    )
)
