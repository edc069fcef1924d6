//! Tables as kops prints them: a header, rows sorted by their text, columns aligned with tab characters.

use kopsform_diagnostics::visible;

/// The distance of tab stops.
const TAB: usize = 8;

/// Renders a table with rows sorted by their cells from left to right; the last column is not padded.
pub fn render<const N: usize>(header: [&str; N], mut rows: Vec<[String; N]>) -> String {
    rows.sort();
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(rows.into_iter().map(|row| row.map(|cell| visible(&cell).into_owned())));
    let width = |text: &str| text.chars().count();
    // A column ends at the first tab stop after its longest cell and a character of padding.
    let stops: Vec<usize> = (0..N)
        .map(|column| {
            let longest = lines.iter().map(|line| width(&line[column])).max().unwrap_or(0);
            (longest + 1).div_ceil(TAB) * TAB
        })
        .collect();
    let mut text = String::new();
    for line in &lines {
        for (column, cell) in line.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < N {
                text.push_str(&"\t".repeat((stops[column] - width(cell)).div_ceil(TAB)));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_with_tabs() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let text = render(
            ["NAME", "STATUS", "MAX"],
            vec![row(["nodes", "NeedsUpdate", "10"]), row(["control-plane-us-east-1a", "Ready", "1"])],
        );
        assert_eq!(
            text,
            "NAME\t\t\t\tSTATUS\t\tMAX\ncontrol-plane-us-east-1a\tReady\t\t1\nnodes\t\t\t\tNeedsUpdate\t10\n"
        );
    }

    #[test]
    fn an_empty_column_takes_one_tab_stop() {
        let text = render(["A", "", "B"], vec![["x".into(), String::new(), "y".into()]]);
        assert_eq!(text, "A\t\tB\nx\t\ty\n");
    }
}
