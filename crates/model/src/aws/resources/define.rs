//! How a resource type is written down: one struct whose fields are the arguments.

use std::collections::BTreeMap;

use crate::value::{DataFile, Input, Ipv6Subnet, ProviderAlias, Value};

/// The arguments of one block, in the order of the struct's fields.
pub type Arguments = Vec<(&'static str, Argument)>;

/// What stands behind an argument's name.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `name = value`.
    Value(Value),
    /// `name { … }`, once for each.
    Blocks(Vec<Arguments>),
}

/// Something that can be an argument. `None` means that the argument is left out.
pub trait ToArgument {
    /// The argument, unless there is nothing to say.
    fn to_argument(&self) -> Option<Argument>;
}

/// A kind of resource that Terraform knows.
pub trait ResourceKind {
    /// Terraform's name of the type, `aws_vpc`.
    const TYPE: &'static str;
    /// kops' name of the task that makes it, by which lifecycles are overridden: `VPC`.
    const TASK: &'static str;
}

macro_rules! value_arguments {
    ($($type:ty => $value:ident),* $(,)?) => {
        $(impl ToArgument for $type {
            fn to_argument(&self) -> Option<Argument> {
                Some(Argument::Value(Value::$value(self.clone().into())))
            }
        })*
    };
}

value_arguments! {
    bool => Bool,
    i32 => Int,
    i64 => Int,
    String => Text,
    DataFile => File,
    ProviderAlias => Provider,
    Ipv6Subnet => Ipv6Subnet,
}

impl ToArgument for Input {
    fn to_argument(&self) -> Option<Argument> {
        Some(Argument::Value(self.clone().into()))
    }
}

impl<T: ToArgument> ToArgument for Option<T> {
    fn to_argument(&self) -> Option<Argument> {
        self.as_ref()?.to_argument()
    }
}

/// Lists of values are one argument, lists of blocks repeat it; empty ones are left out.
impl<T: ToArgument> ToArgument for Vec<T> {
    fn to_argument(&self) -> Option<Argument> {
        let (mut values, mut blocks) = (Vec::new(), Vec::new());
        for argument in self.iter().filter_map(ToArgument::to_argument) {
            match argument {
                Argument::Value(value) => values.push(value),
                Argument::Blocks(inner) => blocks.extend(inner),
            }
        }
        if !blocks.is_empty() {
            Some(Argument::Blocks(blocks))
        } else if !values.is_empty() {
            Some(Argument::Value(Value::List(values)))
        } else {
            None
        }
    }
}

/// Maps are tags; an empty one is left out.
impl ToArgument for BTreeMap<String, String> {
    fn to_argument(&self) -> Option<Argument> {
        (!self.is_empty())
            .then(|| self.iter().map(|(key, value)| (key.clone(), Value::Text(value.clone()))).collect())
            .map(|map| Argument::Value(Value::Map(map)))
    }
}

/// Defines a block: a struct with a field for every argument. A field's name is the argument's name.
macro_rules! block {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $name {
            /// The arguments that are set, in the order of the fields.
            pub fn arguments(&self) -> $crate::aws::resources::Arguments {
                use $crate::aws::resources::ToArgument as _;
                let arguments = [$((stringify!($field), self.$field.to_argument())),*];
                arguments
                    .into_iter()
                    .filter_map(|(name, argument)| Some((name.trim_start_matches("r#"), argument?)))
                    .collect()
            }
        }

        impl $crate::aws::resources::ToArgument for $name {
            fn to_argument(&self) -> Option<$crate::aws::resources::Argument> {
                Some($crate::aws::resources::Argument::Blocks(vec![self.arguments()]))
            }
        }
    };
}

/// Defines a resource: a block with Terraform's type and kops' task name.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident($type:literal, $task:literal) { $($body:tt)* }) => {
        $crate::aws::resources::define::block! { $(#[$doc])* $name { $($body)* } }

        impl $crate::aws::resources::ResourceKind for $name {
            const TYPE: &'static str = $type;
            const TASK: &'static str = $task;
        }

        impl $name {
            /// An attribute of the resource of this name.
            pub fn attribute(name: impl Into<String>, attribute: &'static str) -> $crate::Reference {
                $crate::Reference {
                    kind: $crate::ReferenceKind::Resource,
                    resource_type: $type,
                    name: name.into(),
                    attribute,
                }
            }

            /// The id of the resource of this name.
            pub fn id_of(name: impl Into<String>) -> $crate::Input {
                $crate::Input::Reference(Self::attribute(name, "id"))
            }
        }
    };
}

/// Gathers the resource types into one enum.
macro_rules! resources {
    ($($name:ident),* $(,)?) => {
        /// A resource of any type.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant)]
        pub enum Resource {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)*
        }

        impl Resource {
            /// Terraform's name of the type.
            pub fn resource_type(&self) -> &'static str {
                match self { $(Self::$name(_) => <$name as ResourceKind>::TYPE,)* }
            }

            /// kops' name of the task that makes it.
            pub fn task(&self) -> &'static str {
                match self { $(Self::$name(_) => <$name as ResourceKind>::TASK,)* }
            }

            /// The arguments that are set.
            pub fn arguments(&self) -> Arguments {
                match self { $(Self::$name(resource) => resource.arguments(),)* }
            }
        }

        $(impl From<$name> for Resource {
            fn from(resource: $name) -> Self {
                Self::$name(resource)
            }
        })*
    };
}

pub(crate) use {block, resource, resources};
