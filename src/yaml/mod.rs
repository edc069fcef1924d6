//! YAML text to a tree in which each value knows its place, and back.
