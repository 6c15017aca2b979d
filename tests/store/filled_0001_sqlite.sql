-- The full-text index of filled_0001.sql.

INSERT INTO paper_words (rowid, title, abstract, rest) VALUES
    (1372913139713, 'wdiffusion wmodel pmodels', 'wnew wword wof wan wabstract pwords', 'aada aashe ajorg amuller ccs ccsq2ezcl fa fj fm i2601q2ez13905 sarxiv'),
    (1372913139714, 'wdiffusion wof wheat ', 'wheat wdiffuse pdiffuses', 'aada aashe ccs ccsq2ezcl fa i2601q2ez14556 sarxiv'),
    (1372913139715, 'wlarge wlanguage wmodel pmodels', '', 'acole acy ccs ccsq2ezcl fc i2601q2ez22882 sarxiv'),
    (1372913139716, 'wlatent wdiffusion ', '', 'adee adunn ccs ccsq2ezcl fd i2601q2ez14173 sarxiv'),
    (1372913139717, 'wdiffusion won wgraph pgraphs', 'wnobody whas wlooked wat wthis wone ', 'afay afrost ccs ccsq2ezcl ff i2601q2ez18822 sarxiv');
