//! No template and no data can make the engine panic, hang or fill the memory.
#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use kopsform_diagnostics::Finding;

/// A part of an action: anything the grammar knows, in any order.
fn word() -> impl Strategy<Value = String> {
    let names: Vec<String> = Functions::standard().names().filter(|n| !SLOW.contains(n)).map(str::to_owned).collect();
    prop_oneof![
        3 => proptest::sample::select(names),
        4 => proptest::sample::select(vec![
            ".a", ".list", ".map", ".map.b.c", ".n", ".s", ".nul", ".", "$", "$x", "$.s", "nil", "true", "1", "-3", "2.5",
            "1e9", "'x'", "\"\"", "\"a,b\"", "\"%5.2v%[2]*d%!\"", "`raw`", "9223372036854775807", "0x1p-2",
        ]).prop_map(str::to_owned),
        2 => proptest::sample::select(vec![
            "|", "(", ")", ":=", "=", ",", "$y :=", "if", "else", "end", "range", "with", "define \"t\"", "template \"t\"",
            "block \"u\"", "break", "continue", "/*", "*/", "-", "$x =", "include \"t\"", "printf \"%s %d\"",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => "\\PC{0,3}",
    ]
}

/// Key generation and password hashing are slow by design.
const SLOW: [&str; 12] = [
    "bcrypt",
    "htpasswd",
    "derivePassword",
    "genPrivateKey",
    "genCA",
    "genCAWithKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "getHostByName",
    "buildCustomCert",
];

fn action() -> impl Strategy<Value = String> {
    (any::<bool>(), vec(word(), 0..6), any::<bool>(), 0..12u8).prop_map(|(left, words, right, end)| {
        let body = words.join(" ");
        let (left, right) = (if left { "{{- " } else { "{{" }, if right { " -}}" } else { "}}" });
        match end {
            0 => format!("{left}{body}"),
            1 => format!("{body}{right}"),
            _ => format!("{left}{body}{right}"),
        }
    })
}

fn template() -> impl Strategy<Value = String> {
    let block = (0..5usize, action(), vec(prop_oneof!["[a-z\n ]{0,4}".boxed(), action().boxed()], 0..3)).prop_map(
        |(kind, _, body)| {
            let opener =
                ["{{ if .s }}", "{{ range .list }}", "{{ with .map }}", "{{ define \"t\" }}", "{{ range $x := 3 }}"]
                    [kind];
            format!("{opener}{}{{{{ end }}}}", body.concat())
        },
    );
    vec(prop_oneof![action().boxed(), block.boxed(), "[a-z{}\n -]{0,6}".boxed()], 0..8).prop_map(|parts| parts.concat())
}

fn data() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        "\\PC{0,6}".prop_map(|s| json!(s)),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|v| json!(v)),
            proptest::collection::btree_map("[a-c]", inner, 0..4).prop_map(|m| json!(m)),
        ]
    });
    (value.clone(), value).prop_map(
        |(a, b)| json!({"a": a, "map": {"b": {"c": b}}, "list": [1, "x", null], "n": 3, "s": "text", "nul": null}),
    )
}

fn run(text: &str, data: &serde_json::Value) -> Vec<Finding> {
    run_within(text, data, Budget::default())
}

fn run_within(text: &str, data: &serde_json::Value, budget: Budget) -> Vec<Finding> {
    let outcome = Template::parse("t.tpl", text).and_then(|template| {
        let context = super::tests::eval_context();
        eval::render(&template.set, template.missing_key, &Value::from(data), &context, budget)
    });
    outcome.err().map(|report| report.findings).unwrap_or_default()
}

fn check_places(text: &str, findings: &[Finding]) {
    let lines: Vec<&str> = text.split('\n').collect();
    for finding in findings {
        let location = finding.location.as_ref().unwrap();
        let line = lines.get(location.line - 1).unwrap();
        assert!(location.column >= 1 && location.column <= line.chars().count() + 1, "{finding:?} in {text:?}");
        assert!(!finding.message.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_template_panics(text in template(), data in data()) {
        check_places(&text, &run(&text, &data));
    }

    #[test]
    fn no_text_panics(text in "(\\{\\{|\\}\\}|-|\"|`|'|\\$|\\.|\\PC|\n){0,40}") {
        check_places(&text, &run(&text, &json!({})));
    }

    #[test]
    fn text_without_actions_is_printed_as_it_stands(text in "[^{]{0,60}") {
        prop_assert_eq!(Template::parse("t", &text).unwrap().render(&json!({})).unwrap(), text);
    }

    #[test]
    fn any_value_prints_and_survives_json(data in data()) {
        let template = Template::parse("t", "{{ . }}{{ printf \"%v %+v %#v %T %q %x %d\" . . . . . . . }}").unwrap();
        template.render(&data).unwrap();
        let json = Template::parse("t", "{{ toJson . }}").unwrap().render(&data).unwrap();
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        let again = Template::parse("t", "{{ toJson . }}").unwrap().render(&back).unwrap();
        prop_assert_eq!(json, again);
    }

    #[test]
    fn quoting_is_undone_by_reading(text in "\\PC{0,20}") {
        let quoted = Template::parse("t", "{{ quote .s }}").unwrap().render(&json!({"s": text})).unwrap();
        let template = format!("{{{{ {quoted} }}}}");
        prop_assert_eq!(Template::parse("t", &template).unwrap().render(&json!({})).unwrap(), text);
    }

    #[test]
    fn any_format_string_prints(format in "(%[-+# 0]{0,3}[0-9*]{0,3}(\\.[0-9*]{0,2})?(\\[[0-9]\\])?[a-zA-Z%]|\\PC){0,6}") {
        let data = json!({"f": format, "values": [1, -2.5, "x", null, true, [1, "a"], {"k": "v"}]});
        let text = "{{ printf .f 1 }}{{ printf .f \"x\" 2.5 }}{{ range .values }}{{ printf $.f . . . }}{{ end }}";
        Template::parse("t", text).unwrap().render(&data).unwrap();
    }
}

/// Templates that would take all memory or time, or the whole stack, if nothing stopped them.
#[test]
fn bombs_end_with_an_error() {
    let doubling = |what: &str| {
        format!("{{{{ $x := \"ab\" }}}}{{{{ range until 60 }}}}{{{{ $x = {what} }}}}{{{{ end }}}}{{{{ len $x }}}}")
    };
    for bomb in [
        "{{ define \"t\" }}{{ template \"t\" . }}{{ end }}{{ template \"t\" . }}".to_owned(),
        "{{ define \"t\" }}{{ include \"t\" . }}{{ end }}{{ include \"t\" . }}".to_owned(),
        "{{ range until 1000000 }}{{ range until 1000000 }}x{{ end }}{{ end }}".to_owned(),
        "{{ range 9000000000 }}{{ end }}".to_owned(),
        "{{ until 9000000000 }}".to_owned(),
        "{{ repeat 9000000000 \"x\" }}".to_owned(),
        "{{ indent 9000000000 \"x\\ny\" }}".to_owned(),
        "{{ nindent 90000000 \"x\" }}".to_owned(),
        "{{ randAlpha 9000000000 }}".to_owned(),
        "{{ printf \"%999999d%999999d\" 1 1 | repeat 40 | repeat 40 }}".to_owned(),
        doubling("print $x $x"),
        doubling("printf \"%s%s\" $x $x"),
        doubling("replace \"a\" $x $x"),
        doubling("regexReplaceAll \"(.*)\" $x \"$1$1$1\""),
        doubling("join $x (list $x $x)"),
        doubling("cat $x $x"),
        doubling("quote $x $x"),
        doubling("b64enc $x"),
        doubling("wrapWith 1 $x $x"),
        doubling("html $x $x"),
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}".to_owned(),
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}".to_owned(),
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}".to_owned(),
        "{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ deepCopy $x }}".to_owned(),
        "{{ $x := list 1 }}{{ $y := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ $y = list $y $y }}{{ end }}{{ deepEqual $x $y }}".to_owned(),
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}".to_owned(),
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toYaml $d }}".to_owned(),
        "{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}".to_owned(),
        "{{ $x := list }}{{ range until 100000 }}{{ $x = list $x }}{{ end }}{{ $x }}".to_owned(),
        "{{ uniq (until 100000) }}".to_owned(),
        "{{ mustFromJson (repeat 100000 \"[\") }}".to_owned(),
        "{{ fromYaml (repeat 100000 \"[\") }}".to_owned(),
        "{{ regexMatch (repeat 20 \"(x{50}){50}\") \"x\" | ternary (fail \"a\") (fail \"b\") }}".to_owned(),
        "{{ mustRegexMatch \"((a{900}){900}){900}\" \"x\" }}".to_owned(),
        format!("{}1{}", "{{ (".to_string() + &"(".repeat(100_000), ")".repeat(100_001) + " }}"),
        "{{ if 1 }}".repeat(100_000) + &"{{ end }}".repeat(100_000),
        "{{ define \"a\" }}".repeat(10_000),
        "{{ ".repeat(100_000),
        "{{ end }}".repeat(10_000),
        "{{ .x }}".repeat(10_000),
        "{{.}}".repeat(600_000),
        "{{ ".to_owned() + &"(".repeat(2_000_000),
        (0..3000).map(|i| format!("{{{{ $a{i} := 1 }}}}")).collect::<String>() + &"{{ $a0 }}".repeat(3000),
        // Strings that functions read, and those that they make.
        "{{ $s := repeat 1000000 \"a\" }}{{ range until 10000 }}{{ $_ := contains \"b\" $s }}{{ end }}".to_owned(),
        "{{ $s := repeat 1000000 \"a\" }}{{ range until 10000 }}{{ $_ := eq $s \"b\" }}{{ end }}".to_owned(),
        "{{ $s := repeat 1000000 \"a\" }}{{ range $i := until 9 }}{{ $_ := substr 0 (int (sub 900000 $i)) $s }}{{ end }}"
            .to_owned(),
        "{{ $s := repeat 1000000 \"a\" }}{{ range until 10000 }}{{ $_ := trimSuffix \"a\" $s }}{{ end }}".to_owned(),
        "{{ $s := repeat 1000000 \"a\" }}{{ sortAlpha (list $s $s $s $s $s $s $s $s $s) }}".to_owned(),
        "{{ fromJson (print \"[\" (repeat 500000 \"1,\") \"1]\") }}".to_owned(),
        "{{ fromYaml (repeat 500000 \"- 1\\n\") }}".to_owned(),
        "{{ $d := dict }}{{ range until 5000 }}{{ $_ := set $d (print .) . }}{{ end }}{{ range until 50 }}{{ keys $d }}{{ end }}"
            .to_owned(),
        "{{ $d := dict }}{{ range until 5000 }}{{ $_ := set $d (print .) . }}{{ end }}{{ range until 50 }}{{ $d.x }}{{ end }}"
            .to_owned(),
        "{{ range until 1000 }}{{ $_ := printf \"%0999999d%.999999f\" 1 1.5 }}{{ end }}".to_owned(),
    ] {
        // A smaller budget than that of a run, so that a build without optimizations is fast, too.
        let budget = Budget::new(100_000, 4 << 20);
        assert!(!run_within(&bomb, &json!({}), budget).is_empty(), "{}", &bomb[..bomb.len().min(100)]);
    }
}

/// An output is counted once, not again with each part that is added to it.
#[test]
fn long_outputs_are_counted_once() {
    let text = format!("{{{{ range until 4000 }}}}{}{{{{ . }}}}{{{{ end }}}}", "x".repeat(1000));
    assert_eq!(run_within(&text, &json!({}), Budget::new(100_000, 5 << 20)), []);
    assert!(!run_within(&text, &json!({}), Budget::new(100_000, 3 << 20)).is_empty());
}

/// Nesting up to the limit works, also on the small stack of a test's thread.
#[test]
fn deep_is_fine_up_to_the_limit() {
    let parentheses = format!("{{{{ {}1{} }}}}", "(".repeat(100), ")".repeat(100));
    assert!(run(&parentheses, &json!({})).is_empty());
    let blocks = "{{ if 1 }}".repeat(100) + "{{ end }}".repeat(100).as_str();
    assert!(run(&blocks, &json!({})).is_empty());
    let recursion =
        "{{ define \"t\" }}{{ if . }}{{ template \"t\" (int (sub . 1)) }}{{ end }}{{ end }}{{ template \"t\" 900 }}";
    assert_eq!(run(recursion, &json!({})), []);
    let chain = format!("{{{{ if .no }}}}{}{{{{ end }}}}", "{{ else if .no }}".repeat(20_000));
    assert!(run(&chain, &json!({"no": false})).is_empty());
}
