//! Addresses of resources of Compute Engine: `projects/P/zones/Z/disks/D`, in any of the forms that the API answers with.

use std::fmt;

/// Where a resource is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In no region.
    Global,
    /// In a region.
    Region(String),
    /// In a zone.
    Zone(String),
}

/// As in paths: `global`, `regions/R`, `zones/Z`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Region(region) => write!(f, "regions/{region}"),
            Self::Zone(zone) => write!(f, "zones/{zone}"),
        }
    }
}

/// The address of a resource. It is printed as the path below the API's version: `projects/P/global/networks/N`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The project.
    pub project: String,
    /// Where it is.
    pub scope: Scope,
    /// The kind, as in paths: `networks`, `instanceGroupManagers`.
    pub collection: String,
    /// The name.
    pub name: String,
}

impl Link {
    /// The address of a resource.
    pub fn new(project: &str, scope: Scope, collection: &str, name: &str) -> Self {
        Self { project: project.to_owned(), scope, collection: collection.to_owned(), name: name.to_owned() }
    }

    /// Parses a URL of any host, or a path. What does not name a resource of a project is none.
    pub fn parse(url: &str) -> Option<Self> {
        let path = match url.find("projects/") {
            Some(start) if start == 0 || url[..start].ends_with('/') => &url[start..],
            _ => return None,
        };
        let parts: Vec<&str> = path.split('/').collect();
        let (project, scope, rest) = match *parts.as_slice() {
            ["projects", project, "global", ref rest @ ..] => (project, Scope::Global, rest),
            ["projects", project, "regions", region, ref rest @ ..] => {
                (project, Scope::Region(region.to_owned()), rest)
            }
            ["projects", project, "zones", zone, ref rest @ ..] => (project, Scope::Zone(zone.to_owned()), rest),
            _ => return None,
        };
        match *rest {
            [collection, name] if !name.is_empty() => Some(Self::new(project, scope, collection, name)),
            _ => None,
        }
    }

    /// The path of all resources of a kind at a location.
    pub fn collection(project: &str, scope: &Scope, collection: &str) -> String {
        format!("projects/{project}/{scope}/{collection}")
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "projects/{}/{}/{}/{}", self.project, self.scope, self.collection, self.name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_of_all_forms_are_the_same() {
        let expected = Link::new("p", Scope::Zone("us-test1-a".into()), "disks", "d");
        for form in [
            "https://www.googleapis.com/compute/v1/projects/p/zones/us-test1-a/disks/d",
            "http://127.0.0.1:1/compute/v1/projects/p/zones/us-test1-a/disks/d",
            "projects/p/zones/us-test1-a/disks/d",
        ] {
            assert_eq!(Link::parse(form).unwrap(), expected, "{form}");
        }
        assert_eq!(expected.to_string(), "projects/p/zones/us-test1-a/disks/d");
        assert_eq!(Link::parse("projects/p/global/networks/n").unwrap().scope, Scope::Global);
    }

    #[test]
    fn other_addresses_are_not_links() {
        for form in [
            "",
            "projects/p",
            "projects/p/zones/z",
            "projects/p/global/networks/",
            "https://x/my-projects/p/global/networks/n",
            "projects/p/zones/z/instanceGroupManagers/m/resize",
        ] {
            assert_eq!(Link::parse(form), None, "{form}");
        }
    }
}
