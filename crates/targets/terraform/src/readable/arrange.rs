//! The order of arguments: what Terraform reads itself, then the name, the arguments, the tags, and blocks.

use hcl::structure::{Body, Structure};

/// Sorts a body as readers expect it.
pub fn arrange(mut body: Body) -> Body {
    body.0.sort_by_cached_key(|structure| (rank(structure), name(structure)));
    for structure in &mut body.0 {
        if let Structure::Block(block) = structure {
            block.body = arrange(std::mem::take(&mut block.body));
        }
    }
    body
}

fn name(structure: &Structure) -> String {
    match structure {
        Structure::Attribute(attribute) => attribute.key().to_owned(),
        // Those with one name keep their order.
        Structure::Block(block) => match block.identifier() {
            "dynamic" => block.labels.first().map_or_else(String::new, |label| label.as_str().to_owned()),
            name => name.to_owned(),
        },
    }
}

fn rank(structure: &Structure) -> u8 {
    match structure {
        Structure::Attribute(attribute) => match attribute.key() {
            "provider" => 0,
            "for_each" => 1,
            "name" => 2,
            "tags" | "labels" => 4,
            _ => 3,
        },
        Structure::Block(block) if block.identifier() == "lifecycle" => 6,
        Structure::Block(_) => 5,
    }
}
