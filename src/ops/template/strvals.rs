//! Helm's grammar for values on a command line: `a.b=1,list[0].x=y,names={one,two}`.

use serde_json::{Map, Value as Json};

/// Keys deeper than this are refused.
const MAX_DEPTH: usize = 30;
/// Indices larger than this are refused.
const MAX_INDEX: usize = 65536;

/// Applies a setting to values. With `strings`, every value is a string.
///
/// # Errors
/// What is wrong with it, as Helm words it.
pub(super) fn set(setting: &str, strings: bool, into: &mut Map<String, Json>) -> Result<(), String> {
    let mut parser = Parser { rest: setting.chars().collect(), position: 0, strings };
    while !parser.at_end() {
        parser.pair(into, 0)?;
    }
    Ok(())
}

struct Parser {
    rest: Vec<char>,
    position: usize,
    strings: bool,
}

impl Parser {
    fn at_end(&self) -> bool {
        self.position >= self.rest.len()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.get(self.position).copied();
        self.position += usize::from(c.is_some());
        c
    }

    /// Reads up to one of the stops, which is returned too. A backslash escapes the next character.
    fn until(&mut self, stops: &str) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                c if stops.contains(c) => return (text, Some(c)),
                '\\' => match self.next() {
                    Some(escaped) => text.push(escaped),
                    None => text.push('\\'),
                },
                c => text.push(c),
            }
        }
        (text, None)
    }

    /// `key=value`, `key.rest`, `key[index]…`.
    fn pair(&mut self, into: &mut Map<String, Json>, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_DEPTH}"
            ));
        }
        let (key, stop) = self.until(".[,=");
        match stop {
            None if key.is_empty() => Ok(()),
            None => Err(format!("key {key:?} has no value")),
            Some(',') => {
                into.insert(key.clone(), Json::String(String::new()));
                Err(format!("key {key:?} has no value (cannot end with ,)"))
            }
            Some('=') => {
                let value = self.value()?;
                into.insert(key, value);
                Ok(())
            }
            Some('.') => {
                let inner = into.entry(key.clone()).or_insert_with(|| Json::Object(Map::new()));
                if inner.is_null() {
                    *inner = Json::Object(Map::new());
                }
                let Json::Object(inner) = inner else {
                    return Err(format!("unable to parse key: {key:?} is not a map"));
                };
                let before = inner.len();
                self.pair(inner, depth + 1)?;
                if inner.is_empty() && before == 0 {
                    return Err(format!("key map {key:?} has no value"));
                }
                Ok(())
            }
            Some(_) => {
                let index = self.index()?;
                let list = into.entry(key.clone()).or_insert_with(|| Json::Array(Vec::new()));
                if list.is_null() {
                    *list = Json::Array(Vec::new());
                }
                let Json::Array(list) = list else {
                    return Err(format!("unable to parse key: {key:?} is not a list"));
                };
                self.item(list, index, depth)
            }
        }
    }

    /// What follows `list[index]`: `=value`, `.key`, another index.
    fn item(&mut self, list: &mut Vec<Json>, index: usize, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_DEPTH}"
            ));
        }
        let (between, stop) = self.until(".[=");
        if !between.is_empty() {
            return Err(format!("unexpected data at end of array index: {between:?}"));
        }
        if list.len() <= index {
            list.resize(index + 1, Json::Null);
        }
        let slot = &mut list[index];
        match stop {
            None => Ok(()),
            Some('=') => {
                *slot = self.value()?;
                Ok(())
            }
            Some('.') => {
                if slot.is_null() {
                    *slot = Json::Object(Map::new());
                }
                let Json::Object(inner) = slot else {
                    return Err(format!("unable to parse key: item {index} is not a map"));
                };
                self.pair(inner, depth + 1)
            }
            Some(_) => {
                let inner_index = self.index()?;
                if slot.is_null() {
                    *slot = Json::Array(Vec::new());
                }
                let Json::Array(inner) = slot else {
                    return Err(format!("unable to parse key: item {index} is not a list"));
                };
                self.item(inner, inner_index, depth + 1)
            }
        }
    }

    fn index(&mut self) -> Result<usize, String> {
        let (text, stop) = self.until("]");
        let index =
            stop.and_then(|_| text.parse::<i64>().ok()).ok_or("error parsing index: expected a number and `]`")?;
        let index = usize::try_from(index).map_err(|_| format!("negative {index} index not allowed"))?;
        if index > MAX_INDEX {
            return Err(format!("index of {index} is greater than maximum supported index of {MAX_INDEX}"));
        }
        Ok(index)
    }

    fn value(&mut self) -> Result<Json, String> {
        if self.rest.get(self.position) != Some(&'{') {
            return Ok(self.typed(self.position));
        }
        self.position += 1;
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(",}");
            match stop {
                Some('}') => {
                    // `{}` is an empty list, `{a,}` has an empty second item.
                    if !(items.is_empty() && text.is_empty()) {
                        items.push(typed(&text, self.strings));
                    }
                    if self.rest.get(self.position) == Some(&',') {
                        self.position += 1;
                    }
                    return Ok(Json::Array(items));
                }
                Some(_) => items.push(typed(&text, self.strings)),
                None => return Err("list must terminate with '}'".to_owned()),
            }
        }
    }

    fn typed(&mut self, _from: usize) -> Json {
        let (text, _) = self.until(",");
        typed(&text, self.strings)
    }
}

/// Parses a boolean, a null, an integer or else a string.
fn typed(text: &str, string: bool) -> Json {
    if string {
        return Json::String(text.to_owned());
    }
    match text.to_ascii_lowercase().as_str() {
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        "null" => return Json::Null,
        "0" => return 0.into(),
        _ => {}
    }
    match text.parse::<i64>() {
        Ok(number) if !text.starts_with('0') => number.into(),
        _ => Json::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn parsed(setting: &str) -> Json {
        let mut values = Map::new();
        set(setting, false, &mut values).unwrap();
        Json::Object(values)
    }

    fn error(setting: &str) -> String {
        set(setting, false, &mut Map::new()).unwrap_err()
    }

    #[test]
    fn the_grammar_is_helms() {
        for (setting, values) in [
            ("a=1", json!({"a": 1})),
            ("a.b.c=x,d=y", json!({"a": {"b": {"c": "x"}}, "d": "y"})),
            ("a={x,1,true}", json!({"a": ["x", 1, true]})),
            ("a={},b=1", json!({"a": [], "b": 1})),
            ("a[0]=x,a[2].b=1", json!({"a": ["x", null, {"b": 1}]})),
            ("a[0][1]=x", json!({"a": [[null, "x"]]})),
            ("a=", json!({"a": ""})),
            ("a=,b=1", json!({"a": "", "b": 1})),
            ("a\\.b=x\\,y", json!({"a.b": "x,y"})),
            (
                "a=TRUE,b=null,c=007,d=-5,e=1.5,f=0",
                json!({"a": true, "b": null, "c": "007", "d": -5, "e": "1.5", "f": 0}),
            ),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=99999999999999999999", json!({"a": "99999999999999999999"})),
            ("", json!({})),
        ] {
            assert_eq!(parsed(setting), values, "{setting}");
        }
    }

    #[test]
    fn errors_name_the_key() {
        assert_eq!(error("a"), "key \"a\" has no value");
        assert_eq!(error("a,b=1"), "key \"a\" has no value (cannot end with ,)");
        assert_eq!(error("a."), "key map \"a\" has no value");
        assert_eq!(error("a={x"), "list must terminate with '}'");
        assert!(error("a[x]=1").starts_with("error parsing index"));
        assert!(error("a[-1]=1").contains("negative"));
        assert!(error("a[65537]=1").contains("greater than maximum"));
        assert!(error("a=1,a.b=2").contains("not a map"));
        assert!(error(&format!("{}=1", vec!["a"; 40].join("."))).contains("nested level"));
    }

    #[test]
    fn strings_stay_strings() {
        let mut values = Map::new();
        set("a=1,b={2,true}", true, &mut values).unwrap();
        assert_eq!(Json::Object(values), json!({"a": "1", "b": ["2", "true"]}));
    }
}
