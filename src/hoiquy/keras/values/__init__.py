"""What the functions of a script compute with, differentiable by the package autograd.

value.py        `Value`: a tensor inside a layer, loss or metric of the script
operators.py    the operators of values, symbolic tensors and variables
scope.py        the call that is being computed: its variables, whether it trains, its randomness
operation.py    one function for arrays, values and symbolic tensors
conversion.py   what an operation is given, as arrays that fit together
primitives.py   built-in layers, activations and losses as steps that autograd differentiates
traced.py       a layer of `hoiquy.nn` that runs the code of a script
"""
