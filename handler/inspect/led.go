package inspect

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// ledParts are the members of an Office document that its relations lead to (ECMA-376 part 2, 6.5), or that the
// manifest of an OpenDocument lists (OpenDocument 1.3 part 2, 3.2). Programs show no other member, and most keep none.
// It is state.
type ledParts struct {
	Bits []byte `json:"bits,omitempty"` // one for each member, by its ordinal
	Root bool   `json:"root,omitempty"` // the relations of the package itself, or the manifest, were read
	// Listed are the sheets or slides that the document lists, Related those that its relations lead to.
	Listed  int `json:"listed,omitempty"`
	Related int `json:"related,omitempty"`
	// names and ordinals are read again in every step, and are no state.
	names    []string
	ordinals map[string]int
}

// longestPart is the longest name that a relation is compared with. No relation leads to a longer one.
const longestPart = 1024

// know takes the next member of the directory.
func (l *ledParts) know(e zipEntry) {
	name := strings.TrimPrefix(partName(e.name), "/")
	switch {
	case e.dir() || e.size == 0:
		name = "" // nothing is in it
	case len(e.name) > longestPart:
		name = "/" // no relation leads to it
	}
	if l.ordinals == nil {
		l.ordinals = map[string]int{}
	}
	l.ordinals[name] = len(l.names)
	l.names = append(l.names, name)
}

// partName is a name of a part, or the target of a relation without its fragment, as they are compared.
func partName(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return strings.ToLower(strings.ReplaceAll(name, `\`, "/"))
}

func (l *ledParts) lead(name string) {
	ordinal, ok := l.ordinals[name]
	if !ok {
		return
	}
	if l.Bits == nil {
		l.Bits = make([]byte, (len(l.names)+7)/8)
	}
	if ordinal/8 < len(l.Bits) { // fewer where the state is of another directory
		l.Bits[ordinal/8] |= 1 << (ordinal % 8)
	}
}

func (l *ledParts) led(ordinal int) bool {
	return ordinal/8 < len(l.Bits) && l.Bits[ordinal/8]&(1<<(ordinal%8)) != 0
}

// follow lets a part say, besides what it says already, which members it leads to and lists.
func (l *ledParts) follow(kind, name string, p *partFeed) {
	also := func(look func(t *tagToken)) {
		to := p.to
		p.to = func(p *partFeed, in *input, t *tagToken) {
			to(p, in, t)
			look(t)
		}
	}
	switch {
	case kind == "odf" && name == "meta-inf/manifest.xml":
		l.Root = true
		also(func(t *tagToken) {
			if full, ok := t.attr("full-path"); ok && t.kind == 'o' && t.name == "file-entry" {
				l.lead(partName(unescapeTags(full)))
			}
		})
	case strings.HasSuffix(name, ".rels"):
		source := strings.TrimPrefix(path.Join(path.Dir(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".rels")), "/")
		_, there := l.ordinals[source]
		l.Root = l.Root || name == "_rels/.rels"
		if there || name == "_rels/.rels" {
			also(func(t *tagToken) { l.relation(p, source, t) })
		}
	case name == "xl/workbook.xml":
		also(func(t *tagToken) {
			if t.kind == 'c' && t.name == "sheets" {
				l.Listed = p.Part
			}
		})
	case name == "ppt/presentation.xml":
		also(func(t *tagToken) { l.slides(p, t) })
	}
}

// relation takes a relation of a part.
func (l *ledParts) relation(p *partFeed, source string, t *tagToken) {
	mainPart := source == "xl/workbook.xml" || source == "ppt/presentation.xml"
	if t.kind == 'c' && t.name == "relationships" && mainPart {
		l.Related = p.Ord
	}
	target, _ := t.attr("target")
	mode, _ := t.attr("targetmode")
	if t.kind != 'o' || t.name != "relationship" || strings.EqualFold(mode, "external") {
		return
	}
	kind, _ := t.attr("type")
	if mainPart && slices.Contains([]string{"worksheet", "chartsheet", "dialogsheet", "xlmacrosheet", "xlintlmacrosheet", "slide"}, strings.ToLower(path.Base(kind))) {
		p.Ord++
	}
	target, _, _ = strings.Cut(unescapeTags(target), "#")
	name := partName(target)
	if !strings.HasPrefix(name, "/") {
		name = path.Join(path.Dir("/"+source), name)
	}
	if name = strings.TrimPrefix(path.Clean(name), "/"); name != source {
		l.lead(name)
	}
}

// slides counts the slides that a presentation lists. Its sections list them once more, by one id and not by two.
func (l *ledParts) slides(p *partFeed, t *tagToken) {
	if t.kind != 'o' || t.name != "sldid" {
		return
	}
	ids := 0
	for name := range t.attributes {
		if name == "id" {
			ids++
		}
	}
	if ids == 2 {
		p.Ord++
		l.Listed = p.Ord
	}
}

// unled notes the members that nothing leads to, and the sheets and slides that nothing lists.
func (z *zipScanner) unled(in *input) {
	for ordinal, name := range z.Led.names {
		if name == "" || z.Led.led(ordinal) || z.Led.ofPackage(z.Kind, name) {
			continue
		}
		at := in.at(Place{})
		at.Members = append(append([]int{}, in.within.Members...), ordinal)
		in.found.note(Finding{Rule: "hidden.embedded"}, at)
	}
	if z.Led.Listed > 0 && z.Led.Related > z.Led.Listed {
		in.note(map[string]string{"xlsx": "hidden.sheet", "pptx": "hidden.text"}[z.Kind])
	}
}

// ofPackage reports whether a member belongs to the package itself, so that nothing leads to it. Of a package without
// relations, which no program opens, it is a part in a folder or one of XML.
func (l *ledParts) ofPackage(kind, name string) bool {
	switch {
	case kind == "odf" && (name == "mimetype" || strings.HasPrefix(name, "meta-inf/") || strings.HasPrefix(name, "objectreplacements/")): // Office lists no pictures of objects
		return true
	case kind != "odf" && (name == "[content_types].xml" || strings.HasSuffix(name, ".rels") && path.Base(path.Dir(name)) == "_rels"):
		return true
	}
	return !l.Root && (strings.Contains(name, "/") || strings.HasSuffix(name, ".xml"))
}
