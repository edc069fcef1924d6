//! Names of accounts that publish machine images.

/// The AWS account of a well-known owner; any other owner unchanged.
pub fn image_owner(owner: &str) -> &str {
    match owner {
        "amazon" | "amazon.com" => "137112412989",
        "debian" | "debian11" => "136693071363",
        "flatcar" => "075585003325",
        "redhat" | "redhat.com" => "309956199498",
        "ubuntu" => "099720109477",
        "rocky" | "rockylinux" => "792107900819",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::image_owner;

    #[test]
    fn owners_have_names() {
        assert_eq!(image_owner("ubuntu"), "099720109477");
        assert_eq!(image_owner("123456789012"), "123456789012");
    }
}
