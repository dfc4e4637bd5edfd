package rule

func BuiltIn() []Named                                   { return nil }
func Sentence(r *Rule, c *Catalog, lang string) string   { return "" }
func (t *Trait) Sentence(c *Catalog, lang string) string { return "" }
