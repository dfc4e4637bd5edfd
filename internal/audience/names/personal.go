package names

import (
	"slices"
	"strings"
)

// Parts of the names of properties that name or reach a person, or tell her from all others, written without what parts words.
var (
	personalParts = []string{"email", "mail", "phone", "mobile", "msisdn", "firstname", "lastname", "fullname", "surname", "nickname", "username", "birth", "address", "street", "postal", "postcode", "passport", "nationalid", "ssn"}
	// personalNames are whole names, of which things may have others like them.
	personalNames = []string{"tel", "fax", "dob", "avatar", "userid", "anonymousid", "customerid", "memberid", "lineid", "kakaoid"}
	// whose says of a name or an id that it is a person's.
	whose = []string{"customer", "user", "member", "buyer", "recipient", "contact", "person", "billing", "shipping"}
)

// about says whom or what a property is about.
type about uint8

const (
	unknown about = iota
	thing
	person
)

// aboutOf reads it from the property's name. Of an attribute, name and id are a person's.
func aboutOf(attribute bool, path string) about {
	path = strings.ToLower(path)
	owner, name := "", path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		owner, name = path[:i], path[i+1:]
	}
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)
	hers := name == "name" || name == "id"
	switch {
	case slices.Contains(personalNames, name), slices.ContainsFunc(personalParts, func(part string) bool { return strings.Contains(name, part) }),
		hers && attribute && owner == "", hers && slices.ContainsFunc(whose, func(who string) bool { return strings.Contains(owner, who) }):
		return person
	}
	return thing
}

// reaches tells whether a value is an address or a number of a person, whatever its property is called.
func reaches(text string) bool { return strings.Contains(text, "@") || likePhone(text) }

// likePhone tells whether a text is written as a phone number is: with a + or a 0 before seven digits at least, and perhaps what
// groups them.
func likePhone(text string) bool {
	if text == "" || text[0] != '+' && text[0] != '0' && text[0] != '(' {
		return false
	}
	digits := 0
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+-() ", rune(c)):
			return false
		}
	}
	return digits >= 7
}
