extension PlanPage {
    /// Colours for light and dark, told apart by those who see fewer of them, too.
    static let style = """
        :root { color-scheme: light dark; --paper: #ffffff; --ink: #1d2433; --faint: #5b6472; --rule: #dfe3ea;
          --panel: #f4f6f9; --band: #2563eb1c; --one: #2563eb; --two: #b45309; --three: #0f766e; --four: #9333ea;
          --working: #7cb3a4; --saving: #e0a100; --lost: #d0342c; --restarting: #7a5bd0; --waiting: #c3c9d3; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #12161f; --ink: #e6e9ef; --faint: #9aa4b5; --rule: #2c3443; --panel: #1b212d;
            --band: #7aa7ff26; --one: #7aa7ff; --two: #f0a35e; --three: #5cc9b8; --four: #c79bff;
            --working: #2f6f63; --saving: #d9a514; --lost: #f0625a; --restarting: #9d86ea; --waiting: #3d4658; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 880px; margin: 0 auto; padding: 24px 16px 48px; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 12px; }
        h2 { font-size: 1.15rem; margin: 0 0 4px; }
        section { margin-top: 36px; }
        p { margin: 0 0 10px; }
        section > p { color: var(--faint); }
        .lead { font-size: 1.08rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; margin-top: 18px; }
        .cards div { background: var(--panel); border-radius: 8px; padding: 10px 12px; }
        .cards b { display: block; font-size: 1.25rem; }
        .cards span { color: var(--faint); font-size: .85rem; }
        section > svg { display: block; width: 100%; max-width: 760px; height: auto; }
        svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
        svg text.name { fill: var(--ink); }
        .end { text-anchor: end; } .middle { text-anchor: middle; } .start { text-anchor: start; }
        .grid { stroke: var(--rule); stroke-width: 1; fill: none; }
        .band { fill: var(--band); }
        .mark { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 2 3; fill: none; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .one { stroke: var(--one); } .two { stroke: var(--two); } .three { stroke: var(--three); }
        .four { stroke: var(--four); } .local { stroke-dasharray: 6 4; }
        .working { fill: var(--working); } .saving { fill: var(--saving); } .lost { fill: var(--lost); }
        .restarting { fill: var(--restarting); } .waiting { fill: var(--waiting); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0 0; font-size: .85rem; }
        .legend span { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
        .key { width: 26px; height: 10px; } .box { width: 11px; height: 11px; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th { color: var(--faint); font-weight: 500; }
        th:first-child, td:first-child { text-align: left; }
        .chosen td { font-weight: 600; }
        """
}
