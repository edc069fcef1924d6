//! The graph as Terraform: values, blocks, formatting, files.
