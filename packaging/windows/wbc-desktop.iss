; Installer for Windows, made by Inno Setup 6 from dist\cpu\wbc-desktop. WRITTEN AND REVIEWED, NEVER RUN:
; no Windows machine was at hand. Build on Windows:
;   uv run --group packaging python packaging/build.py
;   iscc /DVersion=0.1.0 packaging\windows\wbc-desktop.iss
#ifndef Version
  #error Name the version: iscc /DVersion=... (the one in wbc_desktop/__init__.py)
#endif

[Setup]
; Never change the AppId: by it an upgrade finds what it replaces.
AppId={{6B0C2C6E-5D0B-4E1C-9C55-3A1E7E0D54B2}
AppName=WBC Desktop
AppVersion={#Version}
AppPublisher=The WBC Desktop developers
AppComments=For research use only. Not for use in diagnostic procedures.
; For one user without an administrator's password, or for all with it.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
DefaultDirName={autopf}\WBC Desktop
DefaultGroupName=WBC Desktop
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\build\cpu\icons\wbc-desktop.ico
UninstallDisplayIcon={app}\wbc-desktop.exe
OutputDir=..\..\dist\cpu
OutputBaseFilename=wbc-desktop-{#Version}-windows-x64
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
ChangesEnvironment=yes
WizardStyle=modern
; Signing: see docs/releasing.md. Without it SmartScreen warns.
; SignTool=signtool $f

[Tasks]
Name: desktopicon; Description: "A symbol on the desktop"; Flags: unchecked
Name: path; Description: "The command wbc in every terminal"; Flags: unchecked

[InstallDelete]
; An upgrade leaves no library of the version before it.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\dist\cpu\wbc-desktop\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{group}\WBC Desktop"; Filename: "{app}\wbc-desktop.exe"
Name: "{autodesktop}\WBC Desktop"; Filename: "{app}\wbc-desktop.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.wbc"; ValueType: string; ValueData: "WBCDesktop.Workspace"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace"; ValueType: string; ValueData: "WBC Desktop workspace"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace\DefaultIcon"; ValueType: string; ValueData: "{app}\wbc-desktop.exe,0"
Root: HKA; Subkey: "Software\Classes\WBCDesktop.Workspace\shell\open\command"; ValueType: string; ValueData: """{app}\wbc-desktop.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Directory\shell\WBCDesktop"; ValueType: string; ValueData: "Open in WBC Desktop"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Directory\shell\WBCDesktop\command"; ValueType: string; ValueData: """{app}\wbc-desktop.exe"" ""%1"""
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: NotOnPath

[Run]
Filename: "{app}\wbc-desktop.exe"; Description: "Start WBC Desktop"; Flags: nowait postinstall skipifsilent

; Workspaces, settings and logs are people's and stay when the program is removed.

[Code]
function NotOnPath: Boolean;
var
  Path: string;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    Path := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0;
end;

procedure CurUninstallStepChanged(Step: TUninstallStep);
var
  Path: string;
  Place: Integer;
begin
  if Step <> usPostUninstall then
    Exit;
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    Exit;
  Place := Pos(';' + ExpandConstant('{app}'), Path);
  if Place > 0 then begin
    Delete(Path, Place, Length(ExpandConstant('{app}')) + 1);
    RegWriteExpandStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path);
  end;
end;
