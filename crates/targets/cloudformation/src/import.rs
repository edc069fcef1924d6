//! Takes over the resources of a running cluster into a stack.
