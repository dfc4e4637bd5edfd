package load

// Ever are rules that look at all events of a name for ever, or at all that was bought.
var Ever = []string{
	`{"did":"*"}`,
	`{"did":"Product Viewed"}`,
	`{"did":"Page Viewed","times":{">=":10}}`,
	`{"trait":"distinct_products","op":">=","value":5}`,
	`{"trait":"favourite_product","op":"contains","value":"77"}`,
	`{"trait":{"take":"days_since_last","of":"Page Viewed"},"op":">","value":90}`,
	`{"did":"Product Viewed","where":[{"property":"category","op":"=","value":"tea"}]}`,
	`{"trait":{"take":"sum","of":"Product Viewed","property":"price"},"op":">","value":100}`,
	`{"trait":{"take":"most_frequent","of":"Product Viewed","property":"category"},"op":"=","value":"tea"}`,
	`{"sequence":[{"did":"Product Viewed"},{"did":"Order Completed","within":"1d"}]}`,
	`{"did":"Product Viewed","where":[{"property":"category","op":"=","value":"tea"}],"window":{"last":"365d"}}`,
}
