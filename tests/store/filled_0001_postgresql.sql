-- The full-text index of filled_0001.sql, and where numbers go on.

INSERT INTO paper_words (place, words) VALUES
    (1372913139713, 'wdiffusion:2A wmodel:3A pmodels:4A wnew:6B wword:7B wof:8B wan:9B wabstract:10B pwords:11B aada:13C aashe:14C ajorg:15C amuller:16C ccs:17C ccsq2ezcl:18C fa:19C fj:20C fm:21C i2601q2ez13905:22C sarxiv:23C'),
    (1372913139714, 'wdiffusion:2A wof:3A wheat:4A wheat:6B wdiffuse:7B pdiffuses:8B aada:10C aashe:11C ccs:12C ccsq2ezcl:13C fa:14C i2601q2ez14556:15C sarxiv:16C'),
    (1372913139715, 'wlarge:2A wlanguage:3A wmodel:4A pmodels:5A acole:8C acy:9C ccs:10C ccsq2ezcl:11C fc:12C i2601q2ez22882:13C sarxiv:14C'),
    (1372913139716, 'wlatent:2A wdiffusion:3A adee:6C adunn:7C ccs:8C ccsq2ezcl:9C fd:10C i2601q2ez14173:11C sarxiv:12C'),
    (1372913139717, 'wdiffusion:2A won:3A wgraph:4A pgraphs:5A wnobody:7B whas:8B wlooked:9B wat:10B wthis:11B wone:12B afay:14C afrost:15C ccs:16C ccsq2ezcl:17C ff:18C i2601q2ez18822:19C sarxiv:20C');
SELECT setval(pg_get_serial_sequence('destination', 'number'), max(number)) FROM destination;
SELECT setval(pg_get_serial_sequence('event', 'number'), max(number)) FROM event;
SELECT setval(pg_get_serial_sequence('feed', 'number'), max(number)) FROM feed;
SELECT setval(pg_get_serial_sequence('mute', 'number'), max(number)) FROM mute;
SELECT setval(pg_get_serial_sequence('paper', 'number'), max(number)) FROM paper;
SELECT setval(pg_get_serial_sequence('person', 'number'), max(number)) FROM person;
SELECT setval(pg_get_serial_sequence('query', 'number'), max(number)) FROM query;
SELECT setval(pg_get_serial_sequence('subscription', 'number'), max(number)) FROM subscription;
