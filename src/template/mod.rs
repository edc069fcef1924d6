//! The Go template engine with sprig, as `toolbox template` uses it.
